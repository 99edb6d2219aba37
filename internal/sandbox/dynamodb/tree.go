package dynamodb

import "iter"

// tree holds items in the order of their keys. Every step costs O(log n), reading a range also what is in it.
//
// It is a treap: a search tree by key that is a heap by a priority hashed from the key, and so balanced on the average,
// whatever the order in which keys come.
type tree struct {
	root *branch
}

type branch struct {
	key         string
	item        *item
	priority    uint64
	left, right *branch
}

func (t *tree) get(key string) *item {
	for n := t.root; n != nil; {
		switch {
		case key < n.key:
			n = n.left
		case key > n.key:
			n = n.right
		default:
			return n.item
		}
	}
	return nil
}

func (t *tree) put(key string, i *item) { t.root = t.root.put(key, i) }
func (t *tree) remove(key string)       { t.root = t.root.remove(key) }

// span yields what has from <= key < to, in order or backwards.
func (t *tree) span(from, to string, backwards bool) iter.Seq2[string, *item] {
	return func(yield func(string, *item) bool) {
		if backwards {
			t.root.descend(from, to, yield)
		} else {
			t.root.ascend(from, to, yield)
		}
	}
}

func (n *branch) put(key string, i *item) *branch {
	if n == nil {
		return &branch{key: key, item: i, priority: mixed(key)}
	}
	switch {
	case key < n.key:
		n.left = n.left.put(key, i)
		if n.left.priority > n.priority {
			up := n.left
			n.left, up.right = up.right, n
			return up
		}
	case key > n.key:
		n.right = n.right.put(key, i)
		if n.right.priority > n.priority {
			up := n.right
			n.right, up.left = up.left, n
			return up
		}
	default:
		n.item = i
	}
	return n
}

func (n *branch) remove(key string) *branch {
	switch {
	case n == nil:
		return nil
	case key < n.key:
		n.left = n.left.remove(key)
	case key > n.key:
		n.right = n.right.remove(key)
	default:
		return joined(n.left, n.right)
	}
	return n
}

// joined is one tree of two, of which all keys of low are before those of high.
func joined(low, high *branch) *branch {
	switch {
	case low == nil:
		return high
	case high == nil:
		return low
	case low.priority > high.priority:
		low.right = joined(low.right, high)
		return low
	default:
		high.left = joined(low, high.left)
		return high
	}
}

func (n *branch) ascend(from, to string, yield func(string, *item) bool) bool {
	if n == nil {
		return true
	}
	if n.key >= from {
		if !n.left.ascend(from, to, yield) || n.key >= to || !yield(n.key, n.item) {
			return false
		}
	}
	return n.right.ascend(from, to, yield)
}

func (n *branch) descend(from, to string, yield func(string, *item) bool) bool {
	if n == nil {
		return true
	}
	if n.key < to {
		if !n.right.descend(from, to, yield) || n.key < from || !yield(n.key, n.item) {
			return false
		}
	}
	return n.left.descend(from, to, yield)
}

// mixed hashes a key: FNV-1a, stirred once more so that its high bits are as good as its low ones.
func mixed(key string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
