//! Colour roles and the glyphs that stand beside them. A colour never says anything alone.

use std::collections::BTreeMap;

use clap::ValueEnum;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal that can show it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Nothing special.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
}

/// How one output stream may be decorated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Escape sequences for colour are welcome.
    pub color: bool,
    /// Only ASCII glyphs.
    pub ascii: bool,
}

impl Style {
    /// Decides for one stream: the flag, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, then the terminal.
    pub fn decide(choice: ColorChoice, is_terminal: bool, vars: &BTreeMap<String, String>) -> Self {
        let var = |name: &str| vars.get(name).map(String::as_str).unwrap_or_default();
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if !var("NO_COLOR").is_empty() => false,
            ColorChoice::Auto if !matches!(var("CLICOLOR_FORCE"), "" | "0") => true,
            ColorChoice::Auto if var("CLICOLOR") == "0" => false,
            ColorChoice::Auto => is_terminal && var("TERM") != "dumb",
        };
        // The first of these that is set decides, as in setlocale(3). Without any, UTF-8 is assumed:
        // containers rarely set one.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .map(var)
            .find(|value| !value.is_empty());
        let ascii = locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            !locale.contains("utf-8") && !locale.contains("utf8")
        });
        Self { color, ascii }
    }

    /// Text in a role.
    pub fn paint(self, role: Role, text: &str) -> String {
        match role {
            Role::Plain => text.to_owned(),
            Role::Good => self.wrap("32", text),
            Role::Warn => self.wrap("33", text),
            Role::Bad => self.wrap("31", text),
        }
    }

    /// Text that says that something is wrong.
    pub fn bad(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// Text that asks for a look.
    pub fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    /// Emphasis.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// Less important.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// One of two glyphs.
    pub const fn glyph(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(choice: ColorChoice, is_terminal: bool, vars: &[(&str, &str)]) -> Style {
        let vars = vars
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Style::decide(choice, is_terminal, &vars)
    }

    #[test]
    fn flag_beats_variables_beat_terminal() {
        use ColorChoice::{Always, Auto, Never};
        assert!(decide(Auto, true, &[]).color);
        assert!(!decide(Auto, false, &[]).color);
        assert!(!decide(Auto, true, &[("NO_COLOR", "1")]).color);
        assert!(decide(Auto, true, &[("NO_COLOR", "")]).color);
        assert!(decide(Auto, false, &[("CLICOLOR_FORCE", "1")]).color);
        assert!(!decide(Auto, true, &[("CLICOLOR", "0")]).color);
        assert!(!decide(Auto, true, &[("TERM", "dumb")]).color);
        assert!(decide(Always, false, &[("NO_COLOR", "1")]).color);
        assert!(!decide(Never, true, &[("CLICOLOR_FORCE", "1")]).color);
    }

    #[test]
    fn locale_decides_the_glyphs() {
        use ColorChoice::Auto;
        assert!(!decide(Auto, true, &[]).ascii);
        assert!(!decide(Auto, true, &[("LANG", "de_DE.UTF-8")]).ascii);
        assert!(decide(Auto, true, &[("LANG", "C")]).ascii);
        assert!(decide(Auto, true, &[("LANG", "C.utf8"), ("LC_ALL", "POSIX")]).ascii);
    }
}
