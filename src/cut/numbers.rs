//! Converts numbers.

/// Converts to an index. A number that is too large becomes `usize::MAX`, which is outside every slice.
pub(super) fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

pub(super) fn length<T>(slice: &[T]) -> u64 {
    u64::try_from(slice.len()).unwrap_or(u64::MAX)
}

/// Converts to a signed number. A number that is too large becomes `i64::MAX`.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns `value · to / from`, rounded to the nearest integer. `from` must not be zero.
pub(super) fn scale(value: i64, to: u32, from: u32) -> i64 {
    if to == from {
        return value;
    }
    let (to, from) = (i128::from(to), i128::from(from));
    let scaled = (2 * i128::from(value) * to + from).div_euclid(2 * from);
    i64::try_from(scaled).unwrap_or(if scaled < 0 { i64::MIN } else { i64::MAX })
}
