//! RFC 9110 as values.

mod condition;
mod date;
mod entity_tag;
mod evaluate;
mod multipart;
mod range;
mod request;
mod response;
mod selection;
mod status;
mod target;
mod validator;

pub use condition::{Preconditions, Verdict};
pub use date::{format_http_date, parse_http_date};
pub use entity_tag::{EntityTag, EntityTagList, ParseEntityTagError};
pub use evaluate::{Outcome, Representation, evaluate};
pub use multipart::{Boundary, Multipart, Part};
pub use range::{ByteRange, ParseRangeError, RangeSet, RangeSpec};
pub use request::{Method, RequestHead};
pub use response::{Persistence, ResponseHead};
pub use selection::{MAX_PARTS, Selection, select};
pub use status::Status;
pub use target::{ParseTargetError, Target};
pub use validator::Validators;

/// Optional whitespace (RFC 9110 §5.6.3): what may stand around a field value and around a comma in a list.
const OWS: [char; 2] = [' ', '\t'];
