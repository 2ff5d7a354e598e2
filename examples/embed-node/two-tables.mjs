// Reads Parquet files with Questlog's browser module in Node, and prints the two tables.
//
//     node two-tables.mjs path/to/questlog.js events.parquet
//
// The module is what `cargo xtask wasm` builds into web/src/wasm.
import { open, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const questions = {
  'Popular events': { group_by: 'event_type' },
  Providers: { group_by: 'provider(Host),event_type' },
}

const [glue, ...paths] = process.argv.slice(2).map((path) => resolve(path))
const { initSync, Partial, Query, Scan, Step } = await import(pathToFileURL(glue).href)
initSync({ module: await readFile(glue.replace(/\.js$/, '_bg.wasm')) })

/** Counts a file: the module reads nothing itself, but says which bytes it needs next. */
async function count(query, path) {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const scan = new Scan(query, path, size)
    for (let step; (step = scan.advance(65_536)) !== Step.Done;) {
      const needs = step === Step.Need ? scan.needs() : []
      for (let at = 0; at < needs.length; at += 2) {
        const bytes = new Uint8Array(needs[at + 1] - needs[at])
        await file.read(bytes, 0, bytes.length, needs[at])
        scan.feed(needs[at], bytes)
      }
    }
    return scan.finish()
  } finally {
    await file.close()
  }
}

try {
  for (const [question, words] of Object.entries(questions)) {
    const query = new Query(words)
    const counted = new Partial(query)
    for (const path of paths) counted.absorb(await count(query, path))
    const notes = { elapsed_ms: 0, skipped: [] }
    console.log(`${question}\n\n${counted.answer(query).render('markdown', notes)}`)
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
