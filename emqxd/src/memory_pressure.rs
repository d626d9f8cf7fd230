//! When the node holds too much memory: the marks, and what is to be done between them.

/// How much memory counts as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryWatermark {
    /// There is no mark.
    None,
    /// So many bytes.
    Bytes(u64),
    /// So many per cent of what the machine or the control group of the process has, 1 to 90.
    Percent(u8),
}

/// Default: 80 per cent.
impl Default for MemoryWatermark {
    fn default() -> Self {
        Self::Percent(80)
    }
}

impl MemoryWatermark {
    /// The marks, when the process may have `total` bytes. `None` when there is no mark, and when it is a share of
    /// something that is not known.
    pub fn marks(self, total: Option<u64>) -> Option<Marks> {
        let high = match self {
            Self::None => return None,
            Self::Bytes(bytes) => bytes,
            // First the division: it cannot overflow, and a few bytes less do not matter.
            Self::Percent(percent) => total? / 100 * u64::from(percent),
        };
        Some(Marks::below_and_above(high))
    }
}

/// Bytes of resident memory at which something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// Below this, everything is served again: nine tenths of `high`.
    pub low: u64,
    /// From here on, clients that publish are not read.
    pub high: u64,
    /// From here on, CONNECTs are refused: eleven tenths of `high`.
    pub refuse: u64,
}

impl Marks {
    const fn below_and_above(high: u64) -> Self {
        let tenth = high / 10;
        Self {
            low: high - tenth,
            high,
            refuse: high.saturating_add(tenth),
        }
    }
}

/// What is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum Pressure {
    /// Nothing.
    #[default]
    None = 0,
    /// Clients that publish are not read.
    HoldPublishers = 1,
    /// That, and CONNECTs are refused.
    RefuseConnects = 2,
}

impl Pressure {
    /// What follows from holding `used` bytes now. A mark that was crossed upwards counts until the next lower one is
    /// crossed downwards, so that a level that wavers about a mark changes nothing.
    pub const fn next(self, used: u64, marks: &Marks) -> Self {
        if used >= marks.refuse {
            return Self::RefuseConnects;
        }
        if used >= marks.high {
            return match self {
                Self::RefuseConnects => Self::RefuseConnects,
                Self::None | Self::HoldPublishers => Self::HoldPublishers,
            };
        }
        if used >= marks.low {
            return match self {
                Self::None => Self::None,
                Self::HoldPublishers | Self::RefuseConnects => Self::HoldPublishers,
            };
        }
        Self::None
    }

    /// The reverse of `as u8`.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::None,
            1 => Self::HoldPublishers,
            _ => Self::RefuseConnects,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARKS: Marks = Marks {
        low: 90,
        high: 100,
        refuse: 110,
    };

    #[test]
    fn the_marks_are_a_tenth_apart() {
        assert_eq!(MemoryWatermark::Bytes(100).marks(None), Some(MARKS));
        assert_eq!(
            MemoryWatermark::Percent(80).marks(Some(125)),
            Some(Marks::below_and_above(80))
        );
        assert_eq!(MemoryWatermark::Percent(80).marks(None), None);
        assert_eq!(MemoryWatermark::None.marks(Some(125)), None);
    }

    #[test]
    fn each_mark_counts_until_the_next_lower_one() {
        use Pressure::{HoldPublishers, None, RefuseConnects};
        let mut pressure = None;
        for (used, expected) in [
            (99, None),
            (100, HoldPublishers),
            (95, HoldPublishers),
            (89, None),
            (95, None),
            (110, RefuseConnects),
            (100, RefuseConnects),
            (99, HoldPublishers),
            (109, HoldPublishers),
            (110, RefuseConnects),
            (10, None),
        ] {
            pressure = pressure.next(used, &MARKS);
            assert_eq!(pressure, expected, "at {used}");
            assert_eq!(Pressure::from_byte(pressure as u8), pressure);
        }
    }

    proptest! {
        /// Whatever came before: the outer levels decide alone, and to waver within a tenth changes once at most.
        #[test]
        fn it_follows_the_level_and_does_not_flutter(
            before in 0_u8..3,
            base in 0_u64..200,
            wavers in prop::collection::vec(0_u64..10, 1..50),
        ) {
            let mut pressure = Pressure::from_byte(before).next(base, &MARKS);
            prop_assert!(base < MARKS.refuse || pressure == Pressure::RefuseConnects);
            prop_assert!(base < MARKS.high || pressure >= Pressure::HoldPublishers);
            prop_assert!(base >= MARKS.low || pressure == Pressure::None);
            let mut changes = 0;
            for waver in wavers {
                let next = pressure.next(base + waver, &MARKS);
                changes += u32::from(next != pressure);
                pressure = next;
            }
            prop_assert!(changes <= 1, "{changes}");
        }
    }
}
