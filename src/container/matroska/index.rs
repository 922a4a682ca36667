//! The index of a Matroska file, its Cues (RFC 9559 §5.1.5): which times lie where.

use super::ebml::{Children, unsigned};
use super::ids::*;
use super::segment::Segment;
use crate::container::reader::Reader;

/// Places of one track that are kept.
const MAX_POINTS: usize = 100_000;

/// One place of one track.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Point {
    track: u64,
    /// In ticks.
    pub(super) time: u64,
    /// Where the cluster lies, counted from the body of the segment.
    pub(super) cluster: u64,
    /// Where the block lies, counted from the body of the cluster.
    pub(super) block: Option<u64>,
    /// In ticks.
    pub(super) duration: Option<u64>,
}

/// What the index says for one track.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The places of the track.
    pub(super) points: Vec<Point>,
    /// The last cluster of any track at a time or before it, counted from the body of the segment.
    pub(super) early_cluster: Option<u64>,
}

impl Index {
    /// Reads the index for a track, and looks for a cluster that begins `early` enough, in ticks.
    pub(super) fn read(
        reader: &mut Reader,
        segment: &Segment,
        track: u64,
        early: u64,
    ) -> Option<Self> {
        let mut index = Self::default();
        let mut point = Point::default();
        let mut children = Children::of(segment.child(reader, CUES)?);
        while let Some(element) = children.next(reader) {
            match element.id {
                CUE_POINT => children.enter(element),
                CUE_TRACK_POSITIONS => {
                    index.add(&mut point, track, early);
                    children.enter(element);
                }
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
            // There may be more.
            index.points.clear();
        }
        Some(index)
    }

    /// Adds a place, and begins the next one of the same time. One without a track is only begun.
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
