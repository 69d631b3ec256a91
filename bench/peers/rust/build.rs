// What compiles the peer is what it answers to a hello.
fn main() {
    let compiler = std::env::var("RUSTC").unwrap();
    let said = std::process::Command::new(compiler).arg("--version").output().unwrap();
    let version = String::from_utf8(said.stdout).unwrap();
    println!("cargo:rustc-env=HANDOFF_RUSTC={}", version.trim());
}
