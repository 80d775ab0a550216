// Verifies a license file, in Node or in a browser: node verify.mjs LIBRARY.wasm FILE PUBLIC_KEY
import { readFile } from 'node:fs/promises';
import process from 'node:process';

export class LicenseVerifier {
  /** From the bytes of license_verifier_c.wasm. */
  static async load(bytes) {
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new LicenseVerifier(instance.exports);
  }

  constructor(library) {
    this.library = library;
  }

  /** The license as an object; an Error says why there is none. */
  verify(file, publicKey, now = Math.floor(Date.now() / 1000)) {
    return this.#call([file, publicKey], (places) => this.library.lv_verify_license_file(...places, BigInt(now))).license;
  }

  /** The text to show where there is no network; its answer is a machine file. */
  challenge(fingerprint, name) {
    return this.#call([fingerprint, name], (places) => this.library.lv_challenge(...places)).challenge;
  }

  /** Texts go into the memory of the library, and its answer comes out as JSON. */
  #call(texts, act) {
    const places = texts.map((text) => {
      const bytes = new TextEncoder().encode(text);
      const at = this.library.lv_alloc(bytes.length);
      if (at === 0 && bytes.length > 0) throw new Error('This is too large.');
      new Uint8Array(this.library.memory.buffer).set(bytes, at);
      return [at, bytes.length];
    });
    const answer = act(places.flat());
    const memory = new Uint8Array(this.library.memory.buffer);
    const said = JSON.parse(new TextDecoder().decode(memory.subarray(answer, memory.indexOf(0, answer))));
    this.library.lv_free(answer);
    for (const [at, length] of places) this.library.lv_release(at, length);
    if (!said.ok) throw Object.assign(new Error(said.error), { code: said.code });
    return said;
  }
}

if (process.argv[1]?.endsWith('verify.mjs')) {
  const [library, path, publicKey] = process.argv.slice(2);
  try {
    const verifier = await LicenseVerifier.load(await readFile(library));
    console.log('Licensed:', verifier.verify(await readFile(path, 'utf8'), publicKey).name);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
