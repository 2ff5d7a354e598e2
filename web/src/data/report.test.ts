import { describe, expect, it } from 'vitest';
import { escaped, reportHtml, type Report } from './report.ts';

const hostile = `<img src=x onerror=alert(1)>"'&`;

const report: Report = {
  made: 'now',
  facts: [['Rows', hostile]],
  parts: [
    {
      title: hostile,
      insight: hostile,
      svg: '<svg></svg>',
      columns: [hostile, 'count'],
      rows: [
        [hostile, 9_007_199_254_740_993n],
        [null, 1n],
      ],
      rowsTotal: 5,
      nullWord: () => 'no event type',
      total: 9_007_199_254_740_994n,
      command: `questlog analyze --where "a = '<b>'"`,
    },
  ],
  files: [
    { path: `${hostile}.parquet`, size: '1 kB', rows: '2', status: 'counted', reason: hostile },
  ],
  filesTotal: 3,
  style: '',
};

describe('a report', () => {
  const html = reportHtml(report);

  it('lets no text become markup', () => {
    expect(escaped(hostile)).toBe('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<b>');
  });

  it('needs no script and nothing from elsewhere', () => {
    expect(html).not.toMatch(/<(script|link|img|iframe)\b|<[^>]+ (src|href)=|url\(/);
    expect(html).toContain("default-src 'none'");
  });

  it('has exact numbers, what is missing by name, and what was left out', () => {
    expect(html).toContain('title="9007199254740993">9,007,199,254,740,993</td>');
    expect(html).toContain('<td class="missing">no event type</td>');
    expect(html).toContain('9,007,199,254,740,994');
    expect(html).toContain('and 3 more; the command');
    expect(html).toContain('and 2 more.');
  });
});
