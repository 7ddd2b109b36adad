//! Mistakes that can be built into the simulated driver, keeper and disk, to show that the laws
//! find them.

/// A mistake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bug {
    /// A command starts without a record of its intent.
    NoIntent,
    /// It starts before the record of its intent is written.
    IntentAfterStart,
    /// After a write that failed the driver goes on with what it was about to begin.
    GoesOnAfterFailedWrite,
    /// Events are shown and acted upon, and written with the next ones.
    AcknowledgedBeforeWritten,
    /// Events are shown before they are written.
    ShownBeforeWritten,
    /// What is not synced counts as safe from a loss of power.
    NoSync,
    /// The lock is not looked at.
    NoLock,
    /// The journal is read before the lock is held.
    ReadBeforeLock,
    /// A torn tail is written behind, and not cut.
    TornTailKept,
    /// The next driver has the number of the one before.
    SameEpoch,
    /// The keeper obeys drivers that were taken over from.
    FenceIgnored,
    /// The keeper starts what it has started already.
    TokenUnchecked,
    /// The keeper begins a new log after its death.
    KeeperForgets,
    /// The keeper starts a command before that stands in its log.
    StartedBeforeLogged,
    /// A process that nobody asked the keeper about is taken for gone.
    NoAttach,
    /// A process number of before a restart of the machine is taken for that of a process now.
    BootUnchecked,
    /// The end of an attempt is taken for that of the next.
    LateEndTaken,
    /// An end that nobody waited for is not kept.
    EndNotKept,
    /// A step in doubt that may happen once only is done again.
    OnceRerun,
    /// A step that is done is done again by the next driver.
    DoneRerun,
    /// An approval is taken for whatever is asked now.
    ApprovalUnbound,
    /// The answer of a person is lost.
    AnswerLost,
    /// A log is taken to hold all of a driver that came before it was opened.
    LogDriverUnchecked,
    /// A log is taken to hold all though the machine has started anew since it was opened.
    LogBootUnchecked,
    /// The end of another attempt is taken for that of the one that is sought.
    OtherEndTaken,
    /// Nobody is told that what a killed keeper watched over is in doubt.
    LostKeeperUntold,
    /// Nobody is told that the keeper had started a command before.
    KnownUntold,
    /// A step that was found under its keeper is done again too.
    FoundAndRerun,
}

impl Bug {
    pub(crate) const ALL: [Bug; 28] = [
        Bug::NoIntent,
        Bug::IntentAfterStart,
        Bug::GoesOnAfterFailedWrite,
        Bug::AcknowledgedBeforeWritten,
        Bug::ShownBeforeWritten,
        Bug::NoSync,
        Bug::NoLock,
        Bug::ReadBeforeLock,
        Bug::TornTailKept,
        Bug::SameEpoch,
        Bug::FenceIgnored,
        Bug::TokenUnchecked,
        Bug::KeeperForgets,
        Bug::StartedBeforeLogged,
        Bug::NoAttach,
        Bug::BootUnchecked,
        Bug::LateEndTaken,
        Bug::EndNotKept,
        Bug::OnceRerun,
        Bug::DoneRerun,
        Bug::ApprovalUnbound,
        Bug::AnswerLost,
        Bug::LogDriverUnchecked,
        Bug::LogBootUnchecked,
        Bug::OtherEndTaken,
        Bug::LostKeeperUntold,
        Bug::KnownUntold,
        Bug::FoundAndRerun,
    ];
}
