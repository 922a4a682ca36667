//! Status codes (RFC 9110 §15).
//!
//! Knows their names. Must not know when they are sent.

/// The status codes we send (RFC 9110 §15, RFC 6585 for 429 and 431).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Status {
    /// 200 (§15.3.1)
    Ok,
    /// 204 (§15.3.5): the answer to OPTIONS.
    NoContent,
    /// 206 (§15.3.7)
    PartialContent,
    /// 304 (§15.4.5)
    NotModified,
    /// 307 (§15.4.8): this time.
    TemporaryRedirect,
    /// 308 (§15.4.9): a folder without its final slash.
    PermanentRedirect,
    /// 400 (§15.5.1)
    BadRequest,
    /// 401 (§15.5.2): wants WWW-Authenticate.
    Unauthorized,
    /// 403 (§15.5.4)
    Forbidden,
    /// 404 (§15.5.5)
    NotFound,
    /// 405 (§15.5.6): wants Allow.
    MethodNotAllowed,
    /// 408 (§15.5.9)
    RequestTimeout,
    /// 412 (§15.5.13)
    PreconditionFailed,
    /// 413 (§15.5.14)
    ContentTooLarge,
    /// 414 (§15.5.15)
    UriTooLong,
    /// 416 (§15.5.17)
    RangeNotSatisfiable,
    /// 417 (§15.5.18)
    ExpectationFailed,
    /// 421 (§15.5.20): a host name that is not ours.
    MisdirectedRequest,
    /// 429 (RFC 6585 §4): wants Retry-After.
    TooManyRequests,
    /// 431 (RFC 6585 §5)
    RequestHeaderFieldsTooLarge,
    /// 500 (§15.6.1)
    InternalServerError,
    /// 501 (§15.6.2)
    NotImplemented,
    /// 503 (§15.6.4): wants Retry-After.
    ServiceUnavailable,
    /// 505 (§15.6.6)
    HttpVersionNotSupported,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 24] = [
        Status::Ok,
        Status::NoContent,
        Status::PartialContent,
        Status::NotModified,
        Status::TemporaryRedirect,
        Status::PermanentRedirect,
        Status::BadRequest,
        Status::Unauthorized,
        Status::Forbidden,
        Status::NotFound,
        Status::MethodNotAllowed,
        Status::RequestTimeout,
        Status::PreconditionFailed,
        Status::ContentTooLarge,
        Status::UriTooLong,
        Status::RangeNotSatisfiable,
        Status::ExpectationFailed,
        Status::MisdirectedRequest,
        Status::TooManyRequests,
        Status::RequestHeaderFieldsTooLarge,
        Status::InternalServerError,
        Status::NotImplemented,
        Status::ServiceUnavailable,
        Status::HttpVersionNotSupported,
    ];

    /// The three digits.
    pub fn code(self) -> u16 {
        self.code_and_reason().0
    }

    /// The reason phrase of the RFC. Clients ignore it (RFC 9112 §4); people who read traces do not.
    pub fn reason(self) -> &'static str {
        self.code_and_reason().1
    }

    fn code_and_reason(self) -> (u16, &'static str) {
        match self {
            Status::Ok => (200, "OK"),
            Status::NoContent => (204, "No Content"),
            Status::PartialContent => (206, "Partial Content"),
            Status::NotModified => (304, "Not Modified"),
            Status::TemporaryRedirect => (307, "Temporary Redirect"),
            Status::PermanentRedirect => (308, "Permanent Redirect"),
            Status::BadRequest => (400, "Bad Request"),
            Status::Unauthorized => (401, "Unauthorized"),
            Status::Forbidden => (403, "Forbidden"),
            Status::NotFound => (404, "Not Found"),
            Status::MethodNotAllowed => (405, "Method Not Allowed"),
            Status::RequestTimeout => (408, "Request Timeout"),
            Status::PreconditionFailed => (412, "Precondition Failed"),
            Status::ContentTooLarge => (413, "Content Too Large"),
            Status::UriTooLong => (414, "URI Too Long"),
            Status::RangeNotSatisfiable => (416, "Range Not Satisfiable"),
            Status::ExpectationFailed => (417, "Expectation Failed"),
            Status::MisdirectedRequest => (421, "Misdirected Request"),
            Status::TooManyRequests => (429, "Too Many Requests"),
            Status::RequestHeaderFieldsTooLarge => (431, "Request Header Fields Too Large"),
            Status::InternalServerError => (500, "Internal Server Error"),
            Status::NotImplemented => (501, "Not Implemented"),
            Status::ServiceUnavailable => (503, "Service Unavailable"),
            Status::HttpVersionNotSupported => (505, "HTTP Version Not Supported"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn all_in_order() {
        let codes = Status::ALL.map(Status::code);
        assert!(codes.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn names() {
        assert_eq!((Status::Ok.code(), Status::Ok.reason()), (200, "OK"));
        assert_eq!(Status::RangeNotSatisfiable.code(), 416);
        assert_eq!(Status::MisdirectedRequest.reason(), "Misdirected Request");
    }
}
