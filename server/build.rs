//! The site is embedded; before the front end was ever built its folder is empty, and that must compile too.

fn main() {
    let site = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    if let Err(error) = std::fs::create_dir_all(site.join("pkg")) {
        println!("cargo::warning=the folder of the site can't be made: {error}");
    }
    println!("cargo::rerun-if-changed={}", site.display());
}
