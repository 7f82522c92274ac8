//! What servers inside containers answer: HTTP as nginx and the test images do.

use crate::image::Server;
use crate::net::{HttpRequest, HttpResponse};

/// The response of an HTTP server, or `None` when the listener does not speak HTTP.
pub fn respond(_server: &Server, _request: &HttpRequest) -> Option<HttpResponse> {
    None
}
