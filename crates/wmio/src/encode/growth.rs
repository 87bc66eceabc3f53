//! The room that Windows leaves behind the heap of an instance.

use winreach_cim::CimType;

use super::chance::{Chance, Leftover};
use crate::error::Error;
use crate::layout::Layout;
use crate::text::Text;
use crate::value::{ArrayRef, ValueRef};

/// Leaves behind the heap of an instance what Windows leaves there, so that the parameters of a
/// method come out as the very bytes that a Windows client sends.
///
/// The heap of a new instance holds the name of its class and not an octet more. A value that does
/// not fit makes it larger by that value, by what it could hold before, and by 32 octets. Recorded
/// Windows 10 traffic shows it in four of four instances whose heaps grew once; one that grew three
/// times has two octets less. An instance whose heap never grew has one octet behind it instead.
#[derive(Clone, Copy, Debug, Default)]
pub struct WindowsGrowth {
    grew: bool,
}

impl WindowsGrowth {
    /// For one instance.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Chance for WindowsGrowth {
    fn growth(&mut self, items: &dyn Fn() -> Vec<usize>) -> usize {
        let items = items();
        let mut capacity = items.first().copied().unwrap_or_default();
        let mut used = 0;
        for item in items {
            used += item;
            if used > capacity {
                capacity = used + capacity + 32;
                self.grew = true;
            }
        }
        capacity - used
    }

    fn spare(&mut self, place: Leftover, _at: usize) -> Vec<u8> {
        let spare = place == Leftover::InstanceUnit && !std::mem::take(&mut self.grew);
        vec![0; spare.into()]
    }
}

/// The sizes of what lies in the heap of an instance part, in the order in which it came there: the
/// name of the class, and the values in this order, or in that of declaration.
pub(super) fn items(
    layout: &Layout,
    part: &[u8],
    order: Option<&[usize]>,
) -> Result<Vec<usize>, Error> {
    let row = layout.row(part)?;
    let mut items = vec![row.class_name()?.encoded_len()];
    for nth in 0..row.len() {
        let index = order.and_then(|order| order.get(nth)).copied().unwrap_or(nth);
        if let Some(value) = row.own_value(index)? {
            push(&mut items, value)?;
        }
    }
    Ok(items)
}

fn push(items: &mut Vec<usize>, value: ValueRef<'_>) -> Result<(), Error> {
    match value {
        ValueRef::String(text) | ValueRef::DateTime(text) | ValueRef::Reference(text) => {
            items.push(Text::encoded_len(text));
        }
        ValueRef::Object(object) => items.push(size_of::<u32>() + object.len()),
        ValueRef::Array(array) => push_array(items, array)?,
        _ => {}
    }
    Ok(())
}

/// The elements come first, and then what they refer to.
fn push_array(items: &mut Vec<usize>, array: ArrayRef<'_>) -> Result<(), Error> {
    items.push(size_of::<u32>() + array.octets());
    if matches!(
        array.element_type(),
        CimType::String | CimType::DateTime | CimType::Reference | CimType::Object
    ) {
        array.iter().try_for_each(|element| push(items, element?))?;
    }
    Ok(())
}
