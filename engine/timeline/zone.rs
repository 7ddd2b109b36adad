//! The zone in which a reader tells the time.

use chrono::{DateTime, FixedOffset, Local, Offset};

use crate::run::Moment;

/// A zone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Zone {
    /// None but UTC.
    #[default]
    Utc,
    /// A fixed distance from UTC.
    Fixed(FixedOffset),
    /// That of the machine, or of the variable `TZ`; UTC where it is not known.
    Local,
}

impl Zone {
    /// A moment in this zone.
    pub fn at(self, moment: Moment) -> DateTime<FixedOffset> {
        match self {
            Zone::Utc => moment.fixed_offset(),
            Zone::Fixed(offset) => moment.with_timezone(&offset),
            Zone::Local => moment.with_timezone(&Local).fixed_offset(),
        }
    }

    /// Its distance from UTC at a moment, such as `+02:00`; none where there is none.
    pub fn offset(self, moment: Moment) -> Option<FixedOffset> {
        Some(self.at(moment).offset().fix()).filter(|offset| offset.local_minus_utc() != 0)
    }
}

impl std::str::FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Zone, String> {
        match text {
            "utc" | "UTC" | "Z" => Ok(Zone::Utc),
            "local" => Ok(Zone::Local),
            offset => offset.parse().map(Zone::Fixed).map_err(|_| {
                "it is `local`, `utc`, or a distance from UTC such as `+02:00`".to_owned()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_zone_is_read_by_its_distance_from_utc() {
        let noon = Moment::UNIX_EPOCH + TimeDelta::hours(12);
        let told = |text: &str| text.parse::<Zone>().map(|zone| zone.at(noon).to_rfc3339());
        assert_eq!(told("utc").as_deref(), Ok("1970-01-01T12:00:00+00:00"));
        assert_eq!(told("+05:30").as_deref(), Ok("1970-01-01T17:30:00+05:30"));
        assert_eq!(told("-03:00").as_deref(), Ok("1970-01-01T09:00:00-03:00"));
        for wrong in ["", "Europe", "+25:00", "5", "+99:99"] {
            assert!(told(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Zone::Utc.offset(noon), None);
    }
}
