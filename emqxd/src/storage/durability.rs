//! How much of what was acknowledged a node still has after which kind of end.

/// When a change counts as stored, so that what waits for it may be acknowledged. The setting `durability`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Nothing is stored: all is gone when the process ends, in whatever way. Nothing waits for the disk.
    None,
    /// When the system has it: survives the end of the process, also by SIGKILL. A power cut or a crash of the system
    /// loses what the system had not written yet, usually the last seconds, although it was acknowledged.
    Os,
    /// When it is on the disk (`fdatasync`): survives a power cut too, as far as the disk keeps its word.
    #[default]
    Disk,
}

impl Durability {
    /// The word of the setting.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Os => "os",
            Self::Disk => "disk",
        }
    }
}
