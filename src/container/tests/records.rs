//! Builds decoder configuration records in the boxes of MP4.

use super::build::mp4_box;

/// Returns an avcC record of level 4, without parameter sets.
pub(super) fn avcc(profile: u8) -> Vec<u8> {
    mp4_box(b"avcC", &[1, profile, 0, 0x28, 0xff, 0xe0])
}

/// Returns an hvcC record of level 3.1.
pub(super) fn hvcc(general: u8, compatible: u32, constraints: [u8; 6]) -> Vec<u8> {
    let front = [&[1, general][..], &compatible.to_be_bytes(), &constraints].concat();
    let back = [93, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0, 0];
    mp4_box(b"hvcC", &[front, back.to_vec()].concat())
}

pub(super) fn av1c(sequence: u8, color: u8) -> Vec<u8> {
    mp4_box(b"av1C", &[0x81, sequence, color, 0])
}

pub(super) fn vpcc(profile: u8, depth_chroma: u8) -> Vec<u8> {
    let record = [1, 0, 0, 0, profile, 31, depth_chroma, 1, 1, 1, 0, 0];
    mp4_box(b"vpcC", &record)
}

/// Returns the record without its box.
pub(super) fn body(boxed: Vec<u8>) -> Vec<u8> {
    boxed[8..].to_vec()
}
