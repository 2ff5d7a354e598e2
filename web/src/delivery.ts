/** How this page came here: inside a Questlog server, from a folder of some web server, or as one file. */
export type Delivery = 'server' | 'folder' | 'file';

/** What the build or the server wrote into the page; nothing has to be asked for to know it. */
export function delivery(): Delivery {
  const mark = document.querySelector<HTMLMetaElement>('meta[name="questlog-delivery"]');
  return mark?.content === 'server' || mark?.content === 'file' ? mark.content : 'folder';
}

/** Servers elsewhere whose files whoever deploys the page lets it read: what its own policy says. */
export function readsAllowed(policy = policyHere()): string[] {
  const connect = policy.split(';').find((rule) => rule.trim().startsWith('connect-src '));
  const origins = connect?.match(/https?:\/\/\S+/g) ?? [];
  return origins.map((origin) => origin.replace(/^https?:\/\//, ''));
}

function policyHere(): string {
  const meta = 'meta[http-equiv="Content-Security-Policy"]';
  return document.querySelector<HTMLMetaElement>(meta)?.content ?? '';
}
