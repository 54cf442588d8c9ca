//! The machine that a program is for, and how it is made to run there whatever libraries it has.

use std::env::consts::{ARCH, OS};

use super::form::Form;
use crate::build::Machine;
use crate::fail::{Failure, Kind, Result};
use crate::manifest::Architecture;

/// What the libraries of `provided.al2023` are at least, on either processor.
/// docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
const GLIBC_OF_LAMBDA: &str = "2.34";

/// How a program for this architecture is built here: statically by the plain toolchain on the same
/// kind of machine, else by cargo-zigbuild. Where that is there, AWS Lambda's has the C library that
/// is there too, which leaves a third of the archive out, and its memory is faster than musl's.
///
/// # Errors
///
/// When cargo-zigbuild is wanted and not there.
pub(super) fn of(architecture: Option<Architecture>, form: Form) -> Result<Machine> {
    let processor = match architecture {
        None | Some(Architecture::X86) => "x86_64",
        Some(Architecture::Arm) => "aarch64",
    };
    let zig = |libraries: &str| Machine {
        subcommand: "zigbuild",
        config: None,
        triple: format!("{processor}-unknown-linux-{libraries}"),
    };
    let has_zig = crate::doctor::on_path("cargo-zigbuild");
    if has_zig && form == Form::Aws {
        return Ok(zig(&format!("gnu.{GLIBC_OF_LAMBDA}")));
    }
    if OS == "linux" && ARCH == processor && cfg!(target_env = "gnu") {
        let triple = format!("{processor}-unknown-linux-gnu");
        let config = format!("target.{triple}.rustflags=['-Ctarget-feature=+crt-static']");
        return Ok(Machine {
            subcommand: "build",
            config: Some(config),
            triple,
        });
    }
    let musl = zig("musl");
    if has_zig {
        return Ok(musl);
    }
    let triple = musl.triple;
    let message =
        format!("a program for {processor} is linked here by cargo-zigbuild, which is not found");
    let help = format!("pip install cargo-zigbuild ziglang && rustup target add {triple}");
    Err(Failure::new(Kind::Build, message).help(help))
}

/// Whether what is built for this machine brings its libraries along.
pub(super) fn is_static(machine: &Machine) -> bool {
    !machine.triple.ends_with(GLIBC_OF_LAMBDA)
}

/// Refuses a program that needs libraries of the machine it runs on: the host's may be older, or
/// not there.
///
/// # Errors
///
/// When it names a program interpreter, which only dynamic programs do; when it is no program.
pub(super) fn must_be_static(program: &[u8]) -> Result<()> {
    match interpreted(program) {
        Some(false) => Ok(()),
        Some(true) => Err(Failure::new(Kind::Build, "the program is not static")
            .help("RUSTFLAGS, where it is set, has precedence over what is static: unset it, or add -Ctarget-feature=+crt-static to it")),
        None => Err(Failure::new(Kind::Build, "what was built is no program for 64 bit Linux")),
    }
}

/// Whether an ELF file has a segment of the kind `PT_INTERP`. (System V ABI, chapters 4 and 5.)
fn interpreted(program: &[u8]) -> Option<bool> {
    const PT_INTERP: u64 = 3;
    // 64 bit, little-endian
    program.strip_prefix(b"\x7fELF\x02\x01")?;
    let (table, size, count) = (
        number(program, 0x20, 8)?,
        number(program, 0x36, 2)?,
        number(program, 0x38, 2)?,
    );
    for entry in 0..count {
        let at = table.checked_add(entry.checked_mul(size)?)?;
        if number(program, at, 4)? == PT_INTERP {
            return Some(true);
        }
    }
    Some(false)
}

/// A little-endian number of so many bytes.
fn number(program: &[u8], at: u64, length: usize) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    let bytes = program.get(at..at.checked_add(length)?)?;
    let number = bytes
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF header, and one program header of this kind.
    fn program(kind: u8) -> Vec<u8> {
        let mut bytes = vec![0; 0x40 + 0x38];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (bytes[0x20], bytes[0x36], bytes[0x38], bytes[0x40]) = (0x40, 0x38, 1, kind);
        bytes
    }

    #[test]
    fn a_program_with_an_interpreter_is_refused() {
        assert!(must_be_static(&program(1)).is_ok());
        let refused = must_be_static(&program(3)).expect_err("dynamic");
        assert!(refused.to_string().contains("not static"), "{refused}");
    }

    #[test]
    fn what_is_cut_off_is_no_program() {
        let whole = program(1);
        for length in 0..0x44 {
            assert_eq!(interpreted(&whole[..length]), None, "{length}");
        }
        assert!(must_be_static(b"#!/bin/sh").is_err());
    }
}
