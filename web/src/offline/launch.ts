import { collectInput, type Collection } from '../data/collect.ts';

interface Launch {
  files: readonly FileSystemFileHandle[];
}

interface LaunchQueue {
  setConsumer(consumer: (launch: Launch) => void): void;
}

/** Hears of files that the reader opens with the installed page, also of those that it was started with. */
export function whenOpenedWith(add: (collection: Collection) => void): void {
  const { launchQueue } = window as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(({ files }) => {
    if (files.length > 0) void opened(files).then(add);
  });
}

async function opened(handles: readonly FileSystemFileHandle[]): Promise<Collection> {
  const files = await Promise.allSettled(handles.map((handle) => handle.getFile()));
  const found = files.flatMap((file) => (file.status === 'fulfilled' ? file.value : []));
  const unreadable = handles.filter((_, index) => files[index]?.status === 'rejected');
  return { ...collectInput(found), unreadable: unreadable.map(({ name }) => name) };
}
