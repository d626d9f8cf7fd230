//! The configuration file: any text is either a valid configuration or named as wrong, with its place.

use std::cell::OnceCell;
use std::fs;
use std::path::PathBuf;

use emqxd::config::Config;

thread_local! {
    static FILE: OnceCell<PathBuf> = const { OnceCell::new() };
}

/// The text of a file.
pub fn config(input: &[u8]) {
    FILE.with(|file| {
        let file = file.get_or_init(|| {
            let thread = std::thread::current().id();
            let name = format!("emqx-fuzz-{}-{thread:?}.toml", std::process::id());
            std::env::temp_dir().join(name)
        });
        fs::write(file, input).expect("a temporary file");
        let argument = format!("--config={}", file.display());
        let loaded = Config::load_from(["emqxd", &argument], |_| None);
        fs::remove_file(file).expect("the temporary file");
        match loaded {
            Ok(config) => drop(config.warnings()),
            Err(error) => {
                let text = error.to_string();
                let is_named = text.contains(&file.display().to_string());
                assert!(is_named, "an error that does not name its place: {text}");
            }
        }
    });
}
