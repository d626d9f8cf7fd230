//! Text that fits into columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::theme::Theme;
use crate::output::human::safe;

/// Columns of a text.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Text from elsewhere, made harmless and cut to at most `columns`; the cut is shown. Where only ASCII can be
/// shown, other characters are question marks.
pub fn cut(text: &str, columns: usize, theme: Theme) -> String {
    let mut text = safe(text);
    if theme.ascii && !text.is_ascii() {
        let plain = text.chars().map(|c| if c.is_ascii() { c } else { '?' });
        text = plain.collect::<String>().into();
    }
    if text.width() <= columns {
        return text.into_owned();
    }
    let mark = theme.glyph("…", "~");
    let mut kept = String::new();
    let mut used = mark.width();
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > columns {
            break;
        }
        kept.push(character);
    }
    if columns > 0 {
        kept.push_str(mark);
    }
    kept
}

/// The same, filled up with spaces on the right.
pub fn left(text: &str, columns: usize, theme: Theme) -> String {
    let text = cut(text, columns, theme);
    let fill = columns.saturating_sub(text.width());
    text + &" ".repeat(fill)
}

/// The same, filled up on the left.
pub fn right(text: &str, columns: usize, theme: Theme) -> String {
    let text = cut(text, columns, theme);
    " ".repeat(columns.saturating_sub(text.width())) + &text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: Theme = Theme {
        color: false,
        ascii: false,
    };

    #[test]
    fn texts_are_cut_by_columns() {
        assert_eq!(cut("abc", 3, PLAIN), "abc");
        assert_eq!(cut("abcd", 3, PLAIN), "ab…");
        assert_eq!(cut("日本語", 5, PLAIN), "日本…");
        assert_eq!(right("7", 3, PLAIN), "  7");
    }

    proptest! {
        #[test]
        fn no_text_is_wider_than_its_columns(text in ".{0,40}", columns in 0usize..30) {
            prop_assert_eq!(width(&left(&text, columns, PLAIN)), columns);
            prop_assert!(width(&cut(&text, columns, PLAIN)) <= columns);
        }
    }
}
