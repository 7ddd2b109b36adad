//! Bytes in JSON: each stands as the character of the same number.
//!
//! So text in ASCII stays readable, and nothing is lost of what is no text at all.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that may be no text.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Raw(pub Vec<u8>);

impl From<OsString> for Raw {
    fn from(text: OsString) -> Raw {
        Raw(text.into_vec())
    }
}

impl From<Raw> for OsString {
    fn from(Raw(bytes): Raw) -> OsString {
        OsString::from_vec(bytes)
    }
}

impl From<&OsStr> for Raw {
    fn from(text: &OsStr) -> Raw {
        Raw(text.as_bytes().to_vec())
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserialize(deserializer).map(Raw)
    }
}

/// Bytes as a text.
pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let text: String = bytes.iter().copied().map(char::from).collect();
    serializer.serialize_str(&text)
}

/// Such a text as bytes.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.map_err(|_| D::Error::custom("a character that stands for no byte"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_travels() {
        let all = Raw((0..=u8::MAX).collect());
        let text = serde_json::to_string(&all).expect("it is text");
        assert_eq!(serde_json::from_str::<Raw>(&text).expect("it is bytes"), all);
        assert!(serde_json::from_str::<Raw>("\"\u{100}\"").is_err());
    }
}
