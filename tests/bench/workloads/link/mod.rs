/// Whether a link is what it was meant to be.
mod check;
/// A network namespace at the other end of a link.
mod namespace;
/// A player with a buffer.
mod player;
/// What carries the packets from one end of a link to the other.
mod relay;
/// A network device in the hands of a program.
mod tunnel;
/// The rate, the delay and the losses of one direction.
mod wire;

use std::fmt;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use self::check::{Alone, Link};
use self::namespace::Namespace;
use self::player::{Player, Watched};
use self::wire::Shape;
use super::{Field, Figures};
use crate::Result;
use crate::film::Film;
use crate::results::{Better, Goal, Metric};
use crate::servers::{Peer, Place, Server};

pub(crate) const NAME: &str = "link";

/// 8 Mbit/s each.
const RATE: u64 = 1_000_000;
const PLAYERS: usize = 2;
const TIME: Duration = Duration::from_secs(45);
/// Where the servers listen, each in its own namespace.
const PORT: u16 = 8001;
/// How often the players look.
const TICK: Duration = Duration::from_millis(10);
/// What is in the queue of a link must have left it before the players come.
const EMPTY: Duration = Duration::from_secs(1);

const DELAY: Duration = Duration::from_millis(30);
/// What a router has at home.
const SHORT: Duration = Duration::from_millis(100);
/// 1000 packets, which is what netem has, and the buffers of many a modem.
const DEEP: Duration = Duration::from_millis(600);

const SHAPES: [Shape; 3] = [
    Shape {
        name: "20 Mbit/s, 30 ms",
        delay: DELAY,
        lost: 0,
        queue: SHORT,
    },
    Shape {
        name: "20 Mbit/s, 30 ms, deep queue",
        delay: DELAY,
        lost: 0,
        queue: DEEP,
    },
    Shape {
        name: "20 Mbit/s, 30 ms, 1 % lost",
        delay: DELAY,
        lost: 10,
        queue: SHORT,
    },
];

const BBR: &str = "bbr";
/// The usual one, and the one that does not take a loss for a full link.
const CONGESTIONS: [&str; 2] = ["cubic", BBR];

/// What the way from a server to its players is like.
#[derive(Debug, Clone, Copy)]
struct Way {
    shape: Shape,
    congestion: &'static str,
}

/// Two players behind each of these links, with one congestion control after the other; the program and nginx, over links
/// of their own, at the same time. The links are made by the bench itself rather than by netem, which many kernels lack:
/// so they are the same everywhere.
pub(crate) fn measure(field: &mut Field<'_>) -> Result<()> {
    let time = field.time(TIME);
    for congestion in CONGESTIONS {
        if let Err(error) = Namespace::make(0, SHAPES[0], congestion) {
            println!("  skipped {congestion}: {error}");
            continue;
        }
        let mut sites = Vec::new();
        for (index, peer) in field.peers.iter().enumerate() {
            if !peer.is_ours() && !peer.is_yardstick() {
                continue;
            }
            for shape in SHAPES {
                let way = Way { shape, congestion };
                let number = u8::try_from(sites.len())?;
                match Namespace::make(number, shape, congestion) {
                    Ok(namespace) => sites.push((index, peer, way, namespace)),
                    Err(error) => field.table.fail(index, NAME, &error.to_string()),
                }
            }
        }
        let film = field.film;
        thread::scope(|scope| {
            let threads: Vec<_> = sites
                .into_iter()
                .map(|(index, peer, way, namespace)| {
                    let one = scope.spawn(move || run(film, peer, way, namespace, time));
                    (index, peer, way, one)
                })
                .collect();
            for (index, peer, way, one) in threads {
                let panicked = |_| Err("a player panicked".into());
                match one.join().unwrap_or_else(panicked) {
                    Ok((link, figures)) => {
                        println!("  {way}, {}: {link}", peer.name());
                        for (metric, value) in figures {
                            field.table.add(index, metric, value);
                        }
                    }
                    Err(error) => field.table.fail(index, NAME, &error.to_string()),
                }
            }
        });
    }
    Ok(())
}

/// One server from its start to its end: what its link was like, and what its players saw.
fn run(
    film: &Film,
    peer: &Peer,
    way: Way,
    namespace: Namespace,
    time: Duration,
) -> Result<(Link, Figures)> {
    let (server, _) = peer.start(&Place {
        film,
        address: SocketAddr::new(namespace.address(), PORT),
        namespace: Some(namespace.name()),
        flags: &[],
    })?;
    let alone = Alone::measure(&server)?;
    thread::sleep(EMPTY);
    let watched = watch(&server, time)?;
    let (carried, unseen) = namespace.end()?;
    // Its custom of ending is looked at elsewhere; `ip` stands between.
    let _ = server.stop();
    let link = Link {
        shape: way.shape,
        alone,
        carried,
        unseen,
    };
    let has_stalled = watched.iter().any(|one| one.stalls > 0);
    if has_stalled && way.is_a_goal() && !link.is_as_meant() {
        return Err(format!("its players stalled, but nobody knows on what: {way}: {link}").into());
    }
    Ok((link, figures(way, &watched, time)))
}

fn watch(server: &Server, time: Duration) -> Result<Vec<Watched>> {
    let mut players = (0..PLAYERS)
        .map(|_| Player::open(server.address(), server.target(), RATE))
        .collect::<Result<Vec<_>>>()?;
    let begin = Instant::now();
    while begin.elapsed() < time {
        thread::sleep(TICK);
        for player in &mut players {
            player.look()?;
        }
    }
    Ok(players.iter().map(Player::watched).collect())
}

fn figures(way: Way, watched: &[Watched], time: Duration) -> Figures {
    let metric = |what: &str| {
        let what = format!("{way}, {PLAYERS} players: {what}");
        Metric::new(NAME, what, Better::Less)
    };
    let mut stalled = metric("stalls");
    if way.is_a_goal() {
        stalled = stalled.goal(Goal::Zero);
    }
    let stalls: u32 = watched.iter().map(|one| one.stalls).sum();
    let stood: Duration = watched.iter().map(|one| one.stood).sum();
    // Whose film has not begun by the end has waited all the time.
    let begun = watched.iter().map(|one| one.started.unwrap_or(time));
    let begun = begun.max().unwrap_or(time);
    vec![
        (stalled, f64::from(stalls)),
        (metric("seconds stalled"), stood.as_secs_f64()),
        (metric("5 s of film there after, s"), begun.as_secs_f64()),
    ]
}

impl Way {
    /// With bbr nobody stalls. With cubic players do behind every server, and how often is the matter of the system and
    /// of chance: it takes each lost packet for a full link; and of two connections that fill a short queue one can have
    /// several times the share of the other for half a minute. So that is shown beside what nginx's players see, and is no
    /// goal.
    fn is_a_goal(self) -> bool {
        let is_easy = self.shape.lost == 0 && self.shape.queue >= DEEP;
        self.congestion == BBR || is_easy
    }
}

impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, {}", self.shape.name, self.congestion)
    }
}
