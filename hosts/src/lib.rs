//! Each cloud's function host as a library, played towards a program.
