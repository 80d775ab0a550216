//! `bindgen FRONTEND.wasm FOLDER` does what `wasm-bindgen --target web --out-name weightless` does; as a member of the workspace it is
//! always of the version that the front end is built with, and needs no installation.

use anyhow::Context;
use std::env::args_os;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let (Some(input), Some(folder)) = (args_os().nth(1), args_os().nth(2)) else {
        anyhow::bail!("Give a WebAssembly file and the folder for what is made of it.");
    };
    // As the command does by default.
    Bindgen::new()
        .typescript(true)
        .omit_default_module_path(false)
        .web(true)?
        .out_name("weightless")
        .input_path(&input)
        .generate(&folder)
        .with_context(|| format!("{}", input.display()))
}
