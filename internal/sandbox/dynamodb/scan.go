package dynamodb

import (
	"encoding/binary"
	"math/bits"
)

const maxSegments = 1_000_000

type scanInput struct {
	selection
	Segment       *int64
	TotalSegments *int64
}

// scan follows DynamoDB API Reference, Scan: everything in the order of the hashed partition keys, of which each segment
// is an equal part.
func (r *region) scan(in *scanInput) (*page, error) {
	c := constraints{}
	c.selection(&in.selection)
	c.number("segment", in.Segment, 0, maxSegments-1)
	c.number("totalSegments", in.TotalSegments, 1, maxSegments)
	if err := c.err(); err != nil {
		return nil, err
	}
	switch {
	case in.Segment != nil && in.TotalSegments == nil:
		return nil, invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter " +
			"is present")
	case in.Segment == nil && in.TotalSegments != nil:
		return nil, invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments " +
			"is present")
	case in.Segment != nil && *in.Segment >= *in.TotalSegments:
		return nil, invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: "+
			"Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
	}
	filtered := expression{"FilterExpression", in.FilterExpression}
	projected := expression{"ProjectionExpression", in.ProjectionExpression}
	s, err := newScope(in.placeholders, filtered, projected)
	if err != nil {
		return nil, err
	}
	filter, err := s.condition(filtered)
	if err != nil {
		return nil, err
	}
	projection, err := s.projection(projected)
	if err != nil {
		return nil, err
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	if err := in.checkSelect(); err != nil {
		return nil, err
	}
	d, err := in.reader(r, filter, projection)
	if err != nil {
		return nil, err
	}
	from, to := "", lastKey
	if in.Segment != nil {
		from, to = segment(*in.Segment, *in.TotalSegments), segment(*in.Segment+1, *in.TotalSegments)
		if d.start != nil {
			if at := d.encode(d.start); at < from || at >= to {
				return nil, noStart("is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "+
					"TotalSegments: %d Segment: %d", *in.TotalSegments, *in.Segment)
			}
		}
	}
	return d.page(d.span(from, to, false), newMeter(in.ReturnConsumedCapacity)), nil
}

// segment is where the nth of so many equal parts of all hashes begins.
func segment(n, of int64) string {
	if n == of {
		return lastKey
	}
	first, rest := bits.Div64(uint64(n), 0, uint64(of))
	if rest > 0 {
		first++
	}
	return string(binary.BigEndian.AppendUint64(nil, first))
}
