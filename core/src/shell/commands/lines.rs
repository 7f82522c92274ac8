//! The lines of a program's input: the files it was given, one after the other, or standard input.

use crate::shell::{Input, Process};
use std::collections::VecDeque;

pub struct Lines<'a> {
    process: &'a Process,
    waiting: VecDeque<String>,
    current: Option<(String, Input)>,
    read: u32,
    /// A file could not be read; its message has been printed.
    pub failed: bool,
}

/// A line without its newline.
pub struct Line {
    pub text: String,
    /// The last line of a file may lack it.
    pub newline: bool,
}

/// Lines between two yields.
const LINES_PER_YIELD: u32 = 2_000;

impl<'a> Lines<'a> {
    /// No paths, or `-`: standard input.
    pub fn new(process: &'a Process, paths: &[String]) -> Self {
        let waiting = if paths.is_empty() { ["-".to_owned()].into() } else { paths.iter().cloned().collect() };
        Self { process, waiting, current: None, read: 0, failed: false }
    }

    /// The next line and the path it is from.
    pub async fn next(&mut self) -> Option<(String, Line)> {
        self.read += 1;
        if self.read.is_multiple_of(LINES_PER_YIELD) {
            self.process.yield_now().await;
        }
        loop {
            if let Some((path, input)) = &self.current {
                if let Some(bytes) = input.read_line().await {
                    let text = String::from_utf8_lossy(&bytes);
                    let line = text.strip_suffix('\n');
                    return Some((path.clone(), Line { text: line.unwrap_or(&text).to_owned(), newline: line.is_some() }));
                }
                self.current = None;
            }
            let path = self.waiting.pop_front()?;
            self.open(path).await;
        }
    }

    /// Everything that is left.
    pub async fn rest(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        while let Some((_, line)) = self.next().await {
            all.push(line.text);
        }
        all
    }

    async fn open(&mut self, path: String) {
        if path == "-" {
            self.current = Some((path, self.process.stdin.clone()));
            return;
        }
        match self.process.read_file(&path) {
            Ok(bytes) => self.current = Some((path, Input::from_bytes(&bytes))),
            Err(error) => {
                super::complain_of_file(self.process, &path, "", error).await;
                self.failed = true;
            }
        }
    }
}
