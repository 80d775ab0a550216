// Verifies a license file, in Node or in a browser: node verify.mjs LIBRARY.wasm FILE PUBLIC_KEY PRODUCT

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
  verify(file, publicKey, product, now = Math.floor(Date.now() / 1000)) {
    return this.#call([file, publicKey, product], (places) => this.library.lv_verify_license_file(...places, BigInt(now))).license;
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

// From the command line. A browser fetches the library and reads the file as it pleases.
if (globalThis.process?.argv[1]?.endsWith('verify.mjs')) {
  const { readFile } = await import('node:fs/promises');
  const [library, path, publicKey, product] = process.argv.slice(2);
  try {
    const verifier = await LicenseVerifier.load(await readFile(library));
    console.log('Licensed:', verifier.verify(await readFile(path, 'utf8'), publicKey, product).name);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
