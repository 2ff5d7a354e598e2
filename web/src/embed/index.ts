// What the npm package offers; `package/index.d.ts` is its promise.

import type * as Package from '../../package/index.d.ts';
import { analyzeWith } from './analyze.ts';
import { packageLoader } from './loader.ts';

export { AnalysisError } from './analyze.ts';
export { QuestlogAnalysis } from './element.ts';

export const analyze: typeof Package.analyze = (files, query, options) =>
  analyzeWith(packageLoader(), files, query, options);
