//! `-w FORMAT`: `%{variable}`, `%header{name}`, `%%`, and the escapes `\n`, `\r`, `\t`.

use super::message::header;
use super::options::OutputTo;
use super::transfer::Transfer;
use crate::clock::Duration;
use crate::shell::Process;

pub async fn print(process: &Process, format: &str, transfer: &Transfer, output: &OutputTo, number: usize, retries: u32) {
    let mut text = String::new();
    let mut to_error = false;
    for part in parts(format) {
        match part {
            Part::Text(piece) => text += &piece,
            Part::Header(name) => {
                text += transfer.response.as_ref().and_then(|response| header(response, &name)).unwrap_or_default()
            }
            // What follows `%{onerror}` is only for failures.
            Part::Variable(name) if name == "onerror" && transfer.exit == 0 => break,
            Part::Variable(name) if name == "stderr" || name == "stdout" => {
                let written = core::mem::take(&mut text);
                if to_error {
                    process.print_error(written).await
                } else {
                    process.print(written).await
                }
                to_error = name == "stderr";
            }
            Part::Variable(name) if name == "onerror" => {}
            Part::Variable(name) => match value(&name, transfer, output, number, retries) {
                Some(value) => text += &value,
                None => process.print_error(format!("curl: unknown --write-out variable: '{name}'\n")).await,
            },
        }
    }
    if to_error { process.print_error(text).await } else { process.print(text).await }
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
    Header(String),
}

fn parts(format: &str) -> Vec<Part> {
    let (mut parts, mut rest) = (Vec::new(), format);
    while let Some(at) = rest.find(['%', '\\']) {
        let (before, special) = rest.split_at(at);
        parts.push(Part::Text(before.to_owned()));
        let braced = |prefix: &str| special.strip_prefix(prefix).and_then(|after| after.split_once('}'));
        let (part, after) = if let Some((name, after)) = braced("%{") {
            (Part::Variable(name.to_owned()), after)
        } else if let Some((name, after)) = braced("%header{") {
            (Part::Header(name.to_owned()), after)
        } else {
            let width = special.chars().take(2).map(char::len_utf8).sum();
            let (pair, after) = special.split_at(width);
            let text = match pair {
                "%%" => "%",
                "\\n" => "\n",
                "\\r" => "\r",
                "\\t" => "\t",
                other => other,
            };
            (Part::Text(text.to_owned()), after)
        };
        parts.push(part);
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

fn value(name: &str, transfer: &Transfer, output: &OutputTo, number: usize, retries: u32) -> Option<String> {
    let response = transfer.response.as_ref();
    let url = transfer.url.as_ref();
    let times = &transfer.times;
    let per_second = |bytes: usize| {
        let micros = times.total.as_micros().max(1);
        (bytes as u128 * 1_000_000 / micros).to_string()
    };
    Some(match name {
        "http_code" | "response_code" => format!("{:03}", response.map_or(0, |response| response.status)),
        "http_version" => if response.is_some() { "1.1" } else { "0" }.to_owned(),
        "http_connect" => "000".to_owned(),
        "exitcode" => transfer.exit.to_string(),
        "errormsg" => transfer.message.clone(),
        "url" => transfer.input.clone(),
        "url_effective" => url.map_or_else(|| transfer.input.clone(), ToString::to_string),
        "scheme" => url.map_or_else(String::new, |url| url.scheme.to_uppercase()),
        "method" => transfer.method.clone(),
        "content_type" => response.and_then(|response| header(response, "content-type")).unwrap_or_default().to_owned(),
        "redirect_url" => redirect_url(transfer),
        "remote_ip" => transfer.remote.filter(|_| transfer.connects > 0).map_or_else(String::new, |to| to.ip().to_string()),
        "remote_port" => transfer.remote.filter(|_| transfer.connects > 0).map_or(0, |to| to.port()).to_string(),
        "local_ip" => transfer.local.map_or_else(String::new, |from| from.ip().to_string()),
        "local_port" => transfer.local.map_or(0, |from| from.port()).to_string(),
        "num_connects" => transfer.connects.to_string(),
        "num_redirects" => transfer.redirects.to_string(),
        "num_retries" => retries.to_string(),
        "num_headers" => response.map_or(0, |response| response.headers.len()).to_string(),
        "num_certs" | "ssl_verify_result" | "proxy_ssl_verify_result" => "0".to_owned(),
        "urlnum" => number.to_string(),
        "size_download" => transfer.download_size.to_string(),
        "size_upload" => transfer.upload_size.to_string(),
        "size_header" => transfer.header_size.to_string(),
        "size_request" => transfer.request_size.to_string(),
        "speed_download" => per_second(transfer.download_size),
        "speed_upload" => per_second(transfer.upload_size),
        "time_namelookup" => seconds(times.name_lookup),
        "time_connect" => seconds(times.connect),
        "time_appconnect" => seconds(Duration::ZERO),
        "time_pretransfer" => seconds(times.connect),
        "time_starttransfer" => seconds(times.first_byte),
        "time_redirect" => seconds(times.redirect),
        "time_total" => seconds(times.total),
        "filename_effective" => match output {
            OutputTo::File(path) => path.clone(),
            _ => String::new(),
        },
        _ => return None,
    })
}

fn redirect_url(transfer: &Transfer) -> String {
    let response = transfer.response.as_ref().filter(|response| matches!(response.status, 301 | 302 | 303 | 307 | 308));
    let location = response.and_then(|response| header(response, "location"));
    let target = location.zip(transfer.url.as_ref()).and_then(|(location, url)| url.join(location).ok());
    target.map_or_else(String::new, |url| url.to_string())
}

/// Six decimals, as curl prints times.
fn seconds(time: Duration) -> String {
    format!("{}.{:06}", time.as_secs(), time.subsec_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_cut_into_text_variables_and_headers() {
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(
            parts("HTTP %{http_code}\\n100%%"),
            [text("HTTP "), Part::Variable("http_code".to_owned()), text(""), text("\n"), text("100"), text("%"), text("")]
        );
        assert_eq!(parts("%header{server}")[1], Part::Header("server".to_owned()));
        assert_eq!(parts("50% off").len(), 3, "a lone percent sign stays as it is");
        assert_eq!(parts("ends in \\").len(), 3);
    }

    #[test]
    fn a_failure_has_the_code_of_no_answer() {
        let failed = Transfer { exit: 28, ..Transfer::default() };
        let shown = |name| value(name, &failed, &OutputTo::Stdout, 0, 0);
        assert_eq!(shown("http_code").as_deref(), Some("000"));
        assert_eq!(shown("time_total").as_deref(), Some("0.000000"));
        assert_eq!(shown("no_such"), None);
    }
}
