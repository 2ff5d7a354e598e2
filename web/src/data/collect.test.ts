import { expect, it } from 'vitest';
import { collectInput, isHidden } from './collect.ts';

function file(path: string): File {
  const made = new File(['PAR1'], path.slice(path.lastIndexOf('/') + 1));
  const folder = path.includes('/') ? path : '';
  return Object.defineProperty(made, 'webkitRelativePath', { value: folder });
}

it('leaves out what Spark leaves beside its files', () => {
  const names = [
    'lake/_SUCCESS',
    'lake/.part-0.crc',
    'lake/_temporary/0/a.parquet',
    'lake/date=1/a.parquet',
  ];
  const { found } = collectInput(names.map(file));
  expect(found.map(({ path }) => path)).toEqual(['lake/date=1/a.parquet']);
});

it('takes a file that was named itself, whatever its name', () => {
  const { found } = collectInput([file('_odd.parquet')]);
  expect(found).toMatchObject([{ path: '_odd.parquet', fromFolder: false }]);
  expect(isHidden('.hidden-folder/a.parquet')).toBe(false);
});
