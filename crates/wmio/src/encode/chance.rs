//! What Windows leaves to chance.

/// A place whose content, or whose size, follows from no model: padding that is never cleared, and
/// what allocations leave behind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Leftover {
    /// `MethodCountPadding`, two octets (`[MS-WMIO] 2.2.40`).
    MethodCountPadding,
    /// `MethodPadding`, three octets (`[MS-WMIO] 2.2.44`).
    MethodPadding,
    /// The bits of an NdTable that belong to no property, in the last octet of the table of a class
    /// without superclass.
    NdTable,
    /// The flavors in a `PropertyInfo` that a later one replaced, in the heap of a signature.
    ReplacedFlavor,
    /// Zeros at the end of a class heap: the room of what a class did not inherit. It is known
    /// where the superclass is at hand.
    ClassHeap,
    /// Zeros behind the heap of a method signature: the growth of its allocation.
    Signature,
    /// Zeros behind the heap of an instance: the growth of its allocation.
    Instance,
    /// What is left of a longer value that an instance had before, behind the present value.
    ReplacedValue,
    /// The octets behind a class without methods; their number is known.
    ClassUnit,
    /// One octet behind an instance part whose heap never grew, at the end of the unit.
    InstanceUnit,
}

/// Decides what stands in the places that Windows leaves to chance. [`Zeros`] wastes nothing; a
/// test that compares with recorded bytes feeds in what it finds there.
pub trait Chance {
    /// Replaces octets that must be there, `at` octets into the buffer. What they hold is what
    /// stands there otherwise.
    fn fill(&mut self, _place: Leftover, _at: usize, _octets: &mut [u8]) {}

    /// Octets to put where none are needed, `at` octets into the buffer.
    fn spare(&mut self, _place: Leftover, _at: usize) -> Vec<u8> {
        Vec::new()
    }

    /// How many zeros to put behind the heap of an instance. `items` gives the sizes of what came
    /// into the heap, in that order, the name of the class first.
    fn growth(&mut self, _items: &dyn Fn() -> Vec<usize>) -> usize {
        0
    }

    /// The order in which the values of an instance come into its heap: every index once, or
    /// nothing for the order of declaration.
    fn order(&mut self) -> Option<Vec<usize>> {
        None
    }
}

/// Zeros in all padding, and no octet that is not needed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zeros;

impl Chance for Zeros {}
