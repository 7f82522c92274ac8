//! The names that controllers make up. Input: what must make them differ; equal inputs give equal names.

use crate::rng;

/// apimachinery's alphabet for generated names: no vowels, so no words; no 0, 1, 3, which look like letters.
const SAFE_ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The five characters that the API server appends to `generateName`.
pub(super) fn suffix(seed: u64, about: &str) -> String {
    let mut value = rng::hash(seed, about.as_bytes());
    let mut text = String::with_capacity(5);
    for _ in 0..5 {
        text.push(safe(value % 27));
        value /= 27;
    }
    text
}

/// `pod-template-hash` and its like: FNV-1a of the template, its decimal digits written in the safe alphabet
/// (`ComputeHash` and `SafeEncodeString`).
pub(super) fn template_hash(template: &serde_json::Value) -> String {
    let hash =
        template.to_string().bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.to_string().bytes().map(|digit| safe(u64::from(digit))).collect()
}

fn safe(value: u64) -> char {
    let index = usize::try_from(value % 27).unwrap_or(0);
    char::from(SAFE_ALPHABET[index])
}

/// 64 hexadecimal digits: container and sandbox IDs, image digests.
pub(super) fn sha256_like(about: &str) -> String {
    (0..4).map(|part| format!("{:016x}", rng::hash(part, about.as_bytes()))).collect()
}
