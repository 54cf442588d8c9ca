use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::clock::VirtualClock;
use super::gate::Step;
use super::process::{Process, World, settle};
use crate::{State, Store};

/// What was chosen, and from how many, at each point of the play so far.
#[derive(Debug, Default)]
pub(super) struct Choices {
    made: Vec<(usize, usize)>,
    at: usize,
}

impl Choices {
    fn choose(&mut self, of: usize) -> usize {
        if self.at == self.made.len() {
            self.made.push((0, of));
        }
        let (choice, were) = self.made[self.at];
        assert_eq!(were, of, "a play went another way than before");
        self.at += 1;
        choice
    }

    /// Goes to the next play; false if there is none.
    pub(super) fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((choice, of)) = self.made.pop() {
            if choice + 1 < of {
                self.made.push((choice + 1, of));
                return true;
            }
        }
        false
    }
}

/// What may happen next.
#[derive(Clone, Copy, Debug)]
enum Move {
    /// A process takes a step, with a fault or without.
    Step {
        process: usize,
        place: u32,
        step: Step,
        fault: bool,
    },
    /// A process dies.
    Death(usize),
    /// Every lease ends.
    Pause,
}

impl Move {
    /// Nothing of ours stands between a handler's effect and what it returns.
    fn can_fail(&self) -> bool {
        !matches!(
            self,
            Self::Step {
                step: Step::AfterEffect,
                ..
            }
        )
    }
}

/// One play.
pub(super) struct Play<S> {
    world: World<S>,
    processes: Vec<Process>,
    faults: usize,
    /// How often an effect may come again: by a death that left one unrecorded, or a pause.
    repeats: u32,
    told: Vec<Move>,
}

const LEASE: Duration = Duration::from_secs(10);

impl<S: Store + Clone> Play<S> {
    pub(super) fn new(store: S, id: &str, faults: usize) -> Self {
        Self {
            world: World {
                store,
                id: id.to_owned(),
                clock: Arc::new(VirtualClock::new()),
                done: Arc::new(Mutex::new(Vec::new())),
            },
            processes: Vec::new(),
            faults,
            repeats: 0,
            told: Vec::new(),
        }
    }

    pub(super) async fn run(mut self, choices: &mut Choices) {
        self.deliver(2, Some(choices)).await;
        self.faults = 0;
        for _again in 0..3 {
            if self.processes.iter().any(|process| process.acknowledged) {
                break;
            }
            self.world.clock.advance(LEASE);
            self.deliver(1, None).await;
        }
        self.judge().await;
    }

    /// Delivers the event to new processes, and has them run to their ends.
    async fn deliver(&mut self, count: usize, mut choices: Option<&mut Choices>) {
        let more = (0..count).map(|_| Process::start(&self.world));
        self.processes.extend(more);
        loop {
            settle(&mut self.processes).await;
            let moves = self.moves();
            if moves.is_empty() {
                if !self.processes.iter().any(Process::lives) {
                    return;
                }
                // who lives waits a moment before he tries again
                self.world.clock.advance(Duration::from_millis(100));
                continue;
            }
            let choice = choices.as_mut().map_or(0, |it| it.choose(moves.len()));
            self.make(moves[choice]);
        }
    }

    fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        let living = || {
            self.processes
                .iter()
                .enumerate()
                .filter(|(_, it)| it.lives())
        };
        let steps = |fault| {
            living().flat_map(move |(process, it)| {
                it.gate
                    .waiting()
                    .into_iter()
                    .map(move |(place, step)| Move::Step {
                        process,
                        place,
                        step,
                        fault,
                    })
            })
        };
        moves.extend(steps(false));
        if self.told.is_empty() {
            // the processes are alike, and what goes wrong before the first step is no fault
            moves.truncate(1);
            return moves;
        }
        if self.faults == 0 || moves.is_empty() {
            return moves;
        }
        moves.extend(steps(true).filter(Move::can_fail));
        moves.extend(living().map(|(process, _)| Move::Death(process)));
        moves.push(Move::Pause);
        moves
    }

    fn make(&mut self, chosen: Move) {
        self.told.push(chosen);
        match chosen {
            Move::Step {
                process,
                place,
                fault,
                ..
            } => {
                self.faults -= usize::from(fault);
                self.processes[process].gate.allow(place, fault);
            }
            Move::Death(place) => {
                self.faults -= 1;
                if self.world.done.lock().unwrap().is_empty() {
                    self.repeats += self.processes[place].effects();
                }
                self.processes[place].die();
            }
            Move::Pause => {
                self.faults -= 1;
                self.repeats += 1;
                self.world.clock.advance(LEASE);
            }
        }
    }

    async fn judge(mut self) {
        assert!(
            self.processes.iter().any(|process| process.acknowledged),
            "never acknowledged: {:?}",
            self.told
        );
        let effects = self.effects();
        assert!(
            (1..=1 + self.repeats).contains(&effects),
            "{effects} effects: {:?}",
            self.told
        );
        let mut owners = self.world.done.lock().unwrap().clone();
        owners.dedup();
        assert_eq!(owners.len(), 1, "who had done it: {:?}", self.told);
        let found = self.world.store.get(&self.world.key()).await.unwrap();
        let (record, _) = found.expect("the record");
        assert!(
            matches!(record.state, State::Done(_)),
            "the key is lost: {:?} {record:?}",
            self.told
        );
        self.deliver(1, None).await;
        assert!(self.processes.last().unwrap().acknowledged);
        assert_eq!(self.effects(), effects, "handled again: {:?}", self.told);
    }

    fn effects(&self) -> u32 {
        self.processes.iter().map(Process::effects).sum()
    }
}
