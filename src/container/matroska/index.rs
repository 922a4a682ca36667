//! Reads the index of a Matroska file, the Cues element (RFC 9559 §5.1.5): times and positions.

use super::ebml::unsigned;
use super::ids::*;
use super::segment::Segment;
use crate::container::reader::Reader;

/// The maximum number of positions of one track.
const MAX_POINTS: usize = 100_000;

/// A position of one track in the index.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Point {
    track: u64,
    /// The time in ticks.
    pub(super) time: u64,
    /// The position of the cluster, from the start of the segment body.
    pub(super) cluster: u64,
    /// The position of the block, from the start of the cluster body.
    pub(super) block: Option<u64>,
    /// The duration in ticks.
    pub(super) duration: Option<u64>,
}

impl Point {
    /// Returns whether the index has the position of the block and its duration. Then no scan is necessary.
    pub(super) fn is_whole(&self) -> bool {
        self.block.is_some() && self.duration.is_some()
    }
}

/// The index of one track.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The positions of the track.
    pub(super) points: Vec<Point>,
    /// The listed cluster that is early enough and last in the file. It may belong to another track. The position
    /// counts from the start of the segment body.
    pub(super) early_cluster: Option<u64>,
}

impl Index {
    /// Reads the index of a track, and finds the last cluster with a time at or before `early`, in ticks.
    pub(super) fn read(
        reader: &mut Reader,
        segment: &Segment,
        track: u64,
        early: u64,
    ) -> Option<Self> {
        let mut index = Self::default();
        let mut point = Point::default();
        let mut children = segment.children(reader, CUES)?;
        while let Some(element) = children.next(reader, &[CUE_POINT, CUE_TRACK_POSITIONS]) {
            match element.id {
                CUE_TRACK_POSITIONS => index.add(&mut point, track, early),
                CUE_TIME => {
                    index.add(&mut point, track, early);
                    point.time = unsigned(reader, element).unwrap_or(0);
                }
                CUE_TRACK => point.track = unsigned(reader, element).unwrap_or(0),
                CUE_CLUSTER_POSITION => point.cluster = unsigned(reader, element).unwrap_or(0),
                CUE_RELATIVE_POSITION => point.block = unsigned(reader, element),
                CUE_DURATION => point.duration = unsigned(reader, element),
                _ => {}
            }
        }
        index.add(&mut point, track, early);
        if index.points.len() == MAX_POINTS {
            // At the limit, the index may have further positions, so the list may be incomplete.
            index.points.clear();
        }
        Some(index)
    }

    /// Adds a position, and begins the next position with the same time. A position without a track is not added.
    fn add(&mut self, place: &mut Point, track: u64, early: u64) {
        let point = std::mem::take(place);
        place.time = point.time;
        if point.track == track && self.points.len() < MAX_POINTS {
            self.points.push(point);
        }
        if point.track != 0 && point.time <= early {
            self.early_cluster = self.early_cluster.max(Some(point.cluster));
        }
    }
}
