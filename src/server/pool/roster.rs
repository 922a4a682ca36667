//! Which workers listen for a request, answer one, rest, or are away at something long, and how many may be at it at the
//! same time. Numbers only: it starts and wakes nobody.
//!
//! Few listen and answer. Were all of them to listen, each request would wake another one,
//! and on a small machine they would take the processor from each other for every single answer. Whoever is held up,
//! by a client or a turn, steps aside, so that the next one can be called; and where workers are held up without a word, by a
//! disk that spins up say, the room is widened until they are back.

/// Where a worker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It waits for a request.
    Listening,
    /// It answers one, and is soon done.
    Serving,
    /// It answers one, and waits for somebody meanwhile.
    Away,
    /// It waits to be called.
    Resting,
}

/// The workers.
#[derive(Debug)]
pub(super) struct Roster {
    limit: usize,
    /// How many listen and serve, unless they are held up; and how many stay, however quiet it is.
    kept: usize,
    /// How many may do so now.
    room: usize,
    /// All there are; who is away is counted here only.
    workers: usize,
    /// With those that have been called and are on their way.
    listening: usize,
    serving: usize,
    resting: usize,
    /// Calls that nobody has followed yet.
    calls: usize,
    /// The fewest that had nothing to do at any time since the last [`trim`](Roster::trim).
    least_idle: usize,
    /// How many are to end.
    surplus: usize,
    is_over: bool,
}

impl Roster {
    /// Without a worker. `limit` is the most there will be.
    pub(super) fn new(limit: usize, kept: usize) -> Roster {
        Roster {
            limit,
            kept: kept.min(limit),
            room: kept.min(limit),
            workers: 0,
            listening: 0,
            serving: 0,
            resting: 0,
            calls: 0,
            least_idle: 0,
            surplus: 0,
            is_over: false,
        }
    }

    pub(super) fn workers(&self) -> usize {
        self.workers
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn listening(&self) -> usize {
        self.listening
    }

    /// Those that have nothing to do.
    pub(super) fn idle(&self) -> usize {
        self.listening + self.resting
    }

    pub(super) fn is_full(&self) -> bool {
        self.workers >= self.limit
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether one more may listen.
    pub(super) fn has_room(&self) -> bool {
        self.listening + self.serving < self.room
    }

    /// A new one; it rests at first.
    pub(super) fn add(&mut self) {
        self.workers += 1;
        self.resting += 1;
    }

    /// Those at it are held up: there is room for one more.
    pub(super) fn widen(&mut self) {
        self.room = (self.listening + self.serving + 1).clamp(self.kept, self.limit);
    }

    /// Calls one that rests, if any does. It counts as listening at once.
    pub(super) fn call(&mut self) -> bool {
        let calls = self.resting > 0;
        if calls {
            self.resting -= 1;
            self.listening += 1;
            self.calls += 1;
        }
        calls
    }

    /// Whether one that rests has been called.
    pub(super) fn follows_call(&mut self) -> bool {
        let follows = self.calls > 0;
        if follows {
            self.calls -= 1;
        }
        follows
    }

    /// One that listened has a request.
    pub(super) fn serve(&mut self) {
        self.listening -= 1;
        self.serving += 1;
        self.least_idle = self.least_idle.min(self.idle());
    }

    /// One that served is away.
    pub(super) fn step_aside(&mut self) {
        self.serving -= 1;
    }

    /// Where one that is done goes, while so many requests wait; `None` if it is to end.
    pub(super) fn settle(&mut self, from: Place, waiting: usize) -> Option<Place> {
        match from {
            Place::Listening => self.listening -= 1,
            Place::Serving => self.serving -= 1,
            Place::Resting => self.resting -= 1,
            Place::Away => {}
        }
        // A request that waits must find another one, and so must the next one: what was surplus may stream by now.
        let is_surplus = self.surplus > 0 && waiting <= self.listening && self.idle() > 0;
        if is_surplus || self.is_over {
            self.surplus = self.surplus.saturating_sub(1);
            self.workers -= 1;
            self.least_idle = self.least_idle.min(self.idle());
            return None;
        }
        if waiting <= self.listening {
            self.room = self.kept;
        }
        if self.has_room() {
            self.listening += 1;
            return Some(Place::Listening);
        }
        self.resting += 1;
        Some(Place::Resting)
    }

    /// Those that may end when it is quiet.
    pub(super) fn beyond_kept(&self) -> usize {
        self.workers.saturating_sub(self.kept)
    }

    /// Asks those that were never needed since the last time to end: how many of those that listen have to be told. One of
    /// them stays: while all others stream, it must not depend on a new thread whether anybody is answered.
    pub(super) fn trim(&mut self) -> usize {
        self.surplus = (self.least_idle.saturating_sub(1)).min(self.beyond_kept());
        self.least_idle = self.idle();
        self.surplus.saturating_sub(self.resting)
    }

    /// Asks all to end.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many workers, of which two may listen.
    fn roster(workers: usize) -> Roster {
        let mut roster = Roster::new(100, 2);
        for _ in 0..workers {
            roster.add();
            roster.settle(Place::Resting, 0);
        }
        roster
    }

    fn counts(roster: &Roster) -> (usize, usize, usize, usize) {
        let Roster {
            workers,
            listening,
            serving,
            resting,
            ..
        } = *roster;
        (
            listening,
            serving,
            resting,
            workers - listening - serving - resting,
        )
    }

    #[test]
    fn few_listen_and_the_others_rest() {
        assert_eq!(counts(&roster(1)), (1, 0, 0, 0));
        assert_eq!(counts(&roster(5)), (2, 0, 3, 0));
    }

    #[test]
    fn whoever_serves_takes_the_room_and_whoever_steps_aside_gives_it_back() {
        let mut roster = roster(3);
        roster.serve();
        assert!(!roster.has_room());
        roster.step_aside();
        assert!(roster.has_room() && roster.call());
        assert_eq!(counts(&roster), (2, 0, 0, 1));
        assert!(!roster.call(), "nobody rests");
        assert!(roster.follows_call() && !roster.follows_call());
        assert_eq!(roster.settle(Place::Away, 0), Some(Place::Resting));
        assert_eq!(counts(&roster), (2, 0, 1, 0));
    }

    #[test]
    fn room_is_wide_for_as_long_as_requests_wait() {
        let mut roster = roster(4);
        roster.serve();
        roster.serve();
        roster.widen();
        assert!(roster.call());
        roster.serve();
        assert_eq!(counts(&roster), (0, 3, 1, 0));
        assert_eq!(roster.settle(Place::Serving, 5), Some(Place::Listening));
        roster.serve();
        assert_eq!(roster.settle(Place::Serving, 0), Some(Place::Resting));
        assert_eq!(counts(&roster), (0, 2, 2, 0));
    }

    #[test]
    fn surplus_ends_but_for_those_that_are_needed() {
        let mut roster = roster(6);
        assert_eq!(roster.trim(), 0, "all were new");
        // Five of six had nothing to do.
        roster.serve();
        roster.settle(Place::Serving, 0);
        roster.trim();
        assert_eq!(
            roster.settle(Place::Resting, 9),
            Some(Place::Resting),
            "many wait"
        );
        for _ in 0..4 {
            assert_eq!(roster.settle(Place::Resting, 0), None);
        }
        assert_eq!(roster.settle(Place::Listening, 0), Some(Place::Listening));
        assert_eq!(counts(&roster), (2, 0, 0, 0));
    }

    #[test]
    fn those_that_listen_are_told_where_too_few_rest() {
        let mut roster = roster(2);
        for _ in 0..2 {
            roster.add();
            roster.widen();
            roster.settle(Place::Resting, 9);
        }
        roster.add();
        roster.settle(Place::Resting, 9);
        assert_eq!(counts(&roster), (4, 0, 1, 0));
        roster.trim();
        // Three of the five are too many, and only one of them rests.
        assert_eq!(roster.trim(), 2);
    }

    /// What was not needed before may be needed by now: those that were asked to end stream meanwhile.
    #[test]
    fn last_one_that_has_nothing_to_do_stays() {
        let mut roster = roster(4);
        roster.trim();
        roster.trim();
        for _ in 0..3 {
            if roster.listening() == 0 {
                assert!(roster.call() && roster.follows_call());
            }
            roster.serve();
            roster.step_aside();
        }
        assert_eq!(roster.idle(), 1);
        assert!(roster.call() && roster.follows_call());
        roster.serve();
        assert_eq!(roster.settle(Place::Serving, 0), Some(Place::Listening));
        assert_eq!(roster.settle(Place::Away, 0), None);
        assert_eq!(counts(&roster), (1, 0, 0, 2));
    }

    /// On a machine with many processors and few streams.
    #[test]
    fn no_more_are_wanted_than_there_may_be() {
        let mut roster = Roster::new(3, 64);
        roster.widen();
        for _ in 0..3 {
            roster.add();
            assert_eq!(roster.settle(Place::Resting, 9), Some(Place::Listening));
            roster.serve();
        }
        roster.widen();
        assert!(roster.is_full());
    }

    #[test]
    fn all_end_when_it_is_over() {
        let mut roster = roster(3);
        roster.serve();
        roster.end();
        for place in [Place::Serving, Place::Listening, Place::Resting] {
            assert_eq!(roster.settle(place, 9), None);
        }
        assert_eq!(roster.workers(), 0);
    }
}
