// The last steps of a build of the pages: minifies the script that loads the WebAssembly, lets older browsers read the style sheet, and
// compresses every file. `node tools/pages.mjs FOLDER quick|release`; a quick build compresses less.
import { minifySync } from '@swc/core';
import { transform } from 'lightningcss';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [folder, kind] = process.argv.slice(2);

const script = join(folder, 'pkg/weightless.js');
writeFileSync(script, minifySync(readFileSync(script, 'utf8'), { compress: true, mangle: true, module: true }).code);

// The first browsers that know `:has`, by which a chosen tier shows its price; Cargo.toml's `browserquery` names the same ones.
const version = (major, minor = 0) => (major << 16) | (minor << 8);
const targets = { chrome: version(105), edge: version(105), firefox: version(121), ios_saf: version(15, 4), safari: version(15, 4) };
const styles = join(folder, 'pkg/weightless.css');
writeFileSync(styles, transform({ filename: styles, code: readFileSync(styles), minify: true, targets }).code);

const quality = kind === 'release' ? constants.BROTLI_MAX_QUALITY : 4;
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const content = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: kind === 'release' ? 9 : 6 }));
}
