//! The cluster-wide settings there are, and what each of them may be. Pure.

use super::command::Rejection;
use super::state::ControlState;

/// How many nodes vote, at most; the others only follow.
pub const VOTERS_MAX: &str = "control.voters_max";
/// When nothing else was agreed on.
const VOTERS_MAX_DEFAULT: usize = 5;

/// A setting.
struct Rule {
    key: &'static str,
    valid: &'static str,
    accepts: fn(&str) -> bool,
}

const RULES: &[Rule] = &[Rule {
    key: VOTERS_MAX,
    valid: "1, 3 or 5",
    accepts: |value| matches!(value, "1" | "3" | "5"),
}];

/// Checks a setting before it is agreed on.
///
/// # Errors
/// When there is no such setting, or it cannot have that value.
pub fn check(key: &str, value: Option<&str>) -> Result<(), Rejection> {
    let Some(rule) = RULES.iter().find(|rule| rule.key == key) else {
        let known: Vec<&str> = RULES.iter().map(|rule| rule.key).collect();
        return Err(Rejection {
            code: "unknown_setting".to_owned(),
            cause: format!("there is no setting '{key}'"),
            valid: format!("one of: {}", known.join(", ")),
        });
    };
    match value {
        Some(value) if !(rule.accepts)(value) => Err(Rejection {
            code: "invalid_value".to_owned(),
            cause: format!("{key} cannot be '{value}'"),
            valid: rule.valid.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// How many nodes vote, at most.
pub fn voters_max(state: &ControlState) -> usize {
    state
        .setting(VOTERS_MAX)
        .and_then(|value| value.parse().ok())
        .unwrap_or(VOTERS_MAX_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::super::command::{Change, Reply};
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(check(VOTERS_MAX, Some("3")), Ok(()));
        assert_eq!(check(VOTERS_MAX, None), Ok(()));
        let refused = check(VOTERS_MAX, Some("2")).unwrap_err();
        assert_eq!(refused.valid, "1, 3 or 5");
        assert_eq!(check("other", None).unwrap_err().code, "unknown_setting");
    }

    #[test]
    fn five_vote_unless_agreed_otherwise() {
        let mut state = ControlState::default();
        assert_eq!(voters_max(&state), 5);
        let change = Change::SetSetting {
            key: VOTERS_MAX.to_owned(),
            value: Some("3".to_owned()),
        };
        assert_eq!(state.apply(change), Reply::Done);
        assert_eq!(voters_max(&state), 3);
    }
}
