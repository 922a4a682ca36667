//! Reads big-endian numbers and text from slices, never beyond their ends.

/// Returns a big-endian number of up to eight bytes. Returns `None` for more bytes.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    let add = |value, byte: &u8| (value << 8) | u64::from(*byte);
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, add))
}

/// Returns the `length` bytes at `at` as a big-endian number.
pub(crate) fn number_at(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    number(bytes.get(at..at.checked_add(length)?)?)
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    number_at(bytes, at, 2).and_then(|value| value.try_into().ok())
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    number_at(bytes, at, 4).and_then(|value| value.try_into().ok())
}

pub(crate) fn fourcc_at(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok()
}

/// Returns the text before the first zero byte, with spaces instead of control characters. Returns `None` if the text
/// is empty.
pub(super) fn printable_text(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    let text = String::from_utf8_lossy(bytes).replace(char::is_control, " ");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A reader of single bits.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = (byte >> (7 - self.at % 8)) & 1 == 1;
        self.at += 1;
        Some(bit)
    }

    /// Returns the next `count` bits, at most 32.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count.min(32) {
            value = (value << 1) | u32::from(self.bit()?);
        }
        Some(value)
    }
}
