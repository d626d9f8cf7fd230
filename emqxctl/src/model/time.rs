//! A moment as the daemon reports it.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds since the Unix epoch; RFC 3339 in UTC with milliseconds in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(u64);

impl UtcTime {
    /// 9999-12-31T23:59:59.999Z, the last moment that RFC 3339 can write.
    const MAX_MILLIS: u64 = 253_402_300_799_999;

    /// From milliseconds since the Unix epoch; moments after the year 9999 become its last one.
    pub const fn from_millis(millis: u64) -> Self {
        if millis > Self::MAX_MILLIS {
            Self(Self::MAX_MILLIS)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Time passed since `earlier`; zero when `earlier` lies ahead.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// `14:01:32` in UTC.
    pub fn clock(self) -> String {
        let seconds_of_day = self.0 / 1_000 % 86_400;
        format!(
            "{:02}:{:02}:{:02}",
            seconds_of_day / 3_600,
            seconds_of_day / 60 % 60,
            seconds_of_day % 60
        )
    }
}

impl From<SystemTime> for UtcTime {
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UNIX_EPOCH + Duration::from_millis(self.0);
        write!(f, "{}", humantime::format_rfc3339_millis(time))
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_rfc3339(&text)
            .map(Self::from)
            .map_err(|error| de::Error::custom(format!("{text:?} is no RFC 3339 time: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_rfc_3339_and_reads_back() {
        let time = UtcTime::from_millis(1_795_442_420_250);
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(json, "\"2026-11-23T14:00:20.250Z\"");
        assert_eq!(serde_json::from_str::<UtcTime>(&json).unwrap(), time);
        assert_eq!(time.clock(), "14:00:20");
    }

    #[test]
    fn the_far_future_is_still_a_time() {
        let time = UtcTime::from_millis(u64::MAX);
        assert_eq!(time.to_string(), "9999-12-31T23:59:59.999Z");
    }
}
