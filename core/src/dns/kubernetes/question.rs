//! What a name inside the cluster zone asks for (`parse.go` of the plugin).

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// The zone itself, `svc` or `pod`: the name exists and has nothing.
    Apex,
    Pods(Subject<'a>),
    Services(Subject<'a>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject<'a> {
    pub namespace: &'a str,
    /// Empty when the name ends at the namespace.
    pub name: &'a str,
    pub endpoint: &'a str,
    /// `_http` without its underscore.
    pub port: &'a str,
    pub protocol: &'a str,
}

impl<'a> Question<'a> {
    /// Reads the labels before the zone: `_port._protocol.service.namespace.svc`, `endpoint.service.namespace.svc`,
    /// `a-b-c-d.namespace.pod` and their endings. `None`: no such form, hence no such name.
    pub fn parse(labels: &'a str) -> Option<Self> {
        if labels.is_empty() || labels == "svc" || labels == "pod" {
            return Some(Question::Apex);
        }
        let mut from_right = labels.rsplit('.');
        let kind = from_right.next()?;
        let mut subject =
            Subject { namespace: from_right.next()?, name: from_right.next().unwrap_or_default(), ..Subject::default() };
        match (from_right.next(), from_right.next(), from_right.next()) {
            (None, ..) => {}
            (Some(endpoint), None, _) => subject.endpoint = endpoint,
            (Some(protocol), Some(port), None) => {
                subject.protocol = protocol.strip_prefix('_').unwrap_or(protocol);
                subject.port = port.strip_prefix('_').unwrap_or(port);
            }
            _ => return None,
        }
        match kind {
            "pod" => Some(Question::Pods(subject)),
            "svc" => Some(Question::Services(subject)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_from_right_to_left() {
        // The forms of CoreDNS's plugin/kubernetes/parse_test.go.
        let parts = |labels| match Question::parse(labels) {
            Some(Question::Apex) => "apex".to_owned(),
            Some(Question::Pods(s)) => format!("pod {}/{}", s.namespace, s.name),
            Some(Question::Services(s)) => {
                format!("svc {}/{} endpoint={} port={}/{}", s.namespace, s.name, s.endpoint, s.port, s.protocol)
            }
            None => "none".to_owned(),
        };
        let cases = [
            ("", "apex"),
            ("svc", "apex"),
            ("ns1.svc", "svc ns1/ endpoint= port=/"),
            ("web.ns1.svc", "svc ns1/web endpoint= port=/"),
            ("10-0-0-1.web.ns1.svc", "svc ns1/web endpoint=10-0-0-1 port=/"),
            ("_http._tcp.web.ns1.svc", "svc ns1/web endpoint= port=http/tcp"),
            ("10-0-0-1.ns1.pod", "pod ns1/10-0-0-1"),
            ("a.b.c.web.ns1.svc", "none"),
            ("web.ns1.xyz", "none"),
            ("svc.cluster", "none"),
        ];
        for (labels, expected) in cases {
            assert_eq!(parts(labels), expected, "{labels}");
        }
    }
}
