//! Status codes (RFC 9110 §15).

/// Defines [`Status`] from rows of name, code and reason phrase.
macro_rules! statuses {
    ($($name:ident $code:literal $reason:literal)+) => {
        /// A status code that the server sends (RFC 9110 §15; RFC 6585 for 429 and 431).
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Status {
            $(#[doc = concat!($code, " ", $reason)] $name,)+
        }

        impl Status {
            /// All statuses, in the order of the codes.
            pub const ALL: &[Status] = &[$(Status::$name),+];

            /// Returns the code, such as 200.
            pub fn code(self) -> u16 {
                match self {
                    $(Status::$name => $code,)+
                }
            }

            /// Returns the reason phrase of the RFC, for people who read traces. Clients ignore it (RFC 9112 §4).
            pub fn reason(self) -> &'static str {
                match self {
                    $(Status::$name => $reason,)+
                }
            }
        }
    };
}

statuses! {
    Ok 200 "OK"
    NoContent 204 "No Content"
    PartialContent 206 "Partial Content"
    NotModified 304 "Not Modified"
    TemporaryRedirect 307 "Temporary Redirect"
    PermanentRedirect 308 "Permanent Redirect"
    BadRequest 400 "Bad Request"
    Unauthorized 401 "Unauthorized"
    Forbidden 403 "Forbidden"
    NotFound 404 "Not Found"
    MethodNotAllowed 405 "Method Not Allowed"
    RequestTimeout 408 "Request Timeout"
    PreconditionFailed 412 "Precondition Failed"
    ContentTooLarge 413 "Content Too Large"
    UriTooLong 414 "URI Too Long"
    RangeNotSatisfiable 416 "Range Not Satisfiable"
    ExpectationFailed 417 "Expectation Failed"
    MisdirectedRequest 421 "Misdirected Request"
    UnprocessableContent 422 "Unprocessable Content"
    TooManyRequests 429 "Too Many Requests"
    RequestHeaderFieldsTooLarge 431 "Request Header Fields Too Large"
    InternalServerError 500 "Internal Server Error"
    NotImplemented 501 "Not Implemented"
    ServiceUnavailable 503 "Service Unavailable"
    HttpVersionNotSupported 505 "HTTP Version Not Supported"
}
