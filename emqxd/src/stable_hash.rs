//! A hash that is the same on every node, in every version and for ever: nodes agree by it without a word.
//!
//! FNV-1a (64 bit) of the text, compared after the SplitMix64 finisher. Changing it needs a new peer protocol version.

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// Of a text.
pub fn hash(bytes: &[u8]) -> u64 {
    hash_on(FNV_OFFSET, bytes)
}

/// Of what was hashed to `start`, followed by this.
pub fn hash_on(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME)
    })
}

/// The finisher of SplitMix64: FNV-1a alone leaves the high bits of short texts too alike to compare by size.
pub const fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// How much a candidate is preferred for a key, by the hashes of both. The candidate with the highest score is chosen
/// (rendezvous hashing): when one leaves, only its own keys go elsewhere; when one comes, it only takes keys to itself.
pub const fn score(key: u64, candidate: u64) -> u64 {
    mix(key ^ candidate.rotate_left(32))
}
