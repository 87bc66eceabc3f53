//! Structures.

/// Declares a wire structure: fields in wire order, each of a type that knows how to travel.
///
/// The structure gets [`Layout`](crate::Layout), [`Encode`](crate::Encode) and
/// [`Decode`](crate::Decode); errors carry `Structure.field`. The example is at the
/// [crate root](crate).
#[macro_export]
macro_rules! ndr_struct {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $( $(#[$field_attribute:meta])* $field_visibility:vis $field:ident : $type:ty ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name {
            $( $(#[$field_attribute])* $field_visibility $field: $type, )*
        }

        impl $crate::Layout for $name {
            const ALIGN: usize = $crate::largest(&[$( <$type as $crate::Layout>::ALIGN ),*]);
        }

        impl $crate::Encode for $name {
            fn encode(&self, encoder: &mut $crate::Encoder) {
                encoder.align(<Self as $crate::Layout>::ALIGN);
                $( $crate::Encode::encode(&self.$field, encoder); )*
            }

            fn encode_deferred(&self, encoder: &mut $crate::Encoder) {
                $( $crate::Encode::encode_deferred(&self.$field, encoder); )*
            }
        }

        impl $crate::Decode for $name {
            fn decode(decoder: &mut $crate::Decoder<'_>) -> Result<Self, $crate::Error> {
                decoder
                    .align(<Self as $crate::Layout>::ALIGN)
                    .map_err(|error| $crate::Error { field: stringify!($name), ..error })?;
                Ok(Self {
                    $( $field: <$type as $crate::Decode>::decode(decoder).map_err(|error| {
                        error.named(concat!(stringify!($name), ".", stringify!($field)))
                    })?, )*
                })
            }

            fn decode_deferred(
                &mut self,
                decoder: &mut $crate::Decoder<'_>,
            ) -> Result<(), $crate::Error> {
                $( $crate::Decode::decode_deferred(&mut self.$field, decoder).map_err(|error| {
                    error.named(concat!(stringify!($name), ".", stringify!($field)))
                })?; )*
                Ok(())
            }
        }
    };
}

/// The largest of some alignments; 1 where there are none.
#[doc(hidden)]
pub const fn largest(mut alignments: &[usize]) -> usize {
    let mut largest = 1;
    while let Some((first, rest)) = alignments.split_first() {
        if *first > largest {
            largest = *first;
        }
        alignments = rest;
    }
    largest
}
