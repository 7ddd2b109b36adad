//! The state machine of a run, played in a scripted world: what the contract says, sentence by
//! sentence.

mod campaign;
mod conditions;
mod cuts;
mod doubt;
mod each;
mod ending;
mod failure;
mod gates;
mod groups;
mod http;
mod include;
mod invariants;
mod legality;
mod opening;
mod oracle;
mod order;
mod retry;
mod sample;
mod size;
mod stop;
mod table;
mod take_back;
mod timers;
mod undo;
mod wait;
