/** How this page came here: inside a Questlog server, from a folder of some web server, or as one file. */
export type Delivery = 'server' | 'folder' | 'file';

/** What the build or the server wrote into the page; nothing has to be asked for to know it. */
export function delivery(): Delivery {
  const mark = document.querySelector<HTMLMetaElement>('meta[name="questlog-delivery"]');
  return mark?.content === 'server' || mark?.content === 'file' ? mark.content : 'folder';
}
