package world

// Assumption is one behaviour that no documentation states: what the sandbox does, and what else AWS might do. The
// world file's "assumptions" switches it by name: {"assumptions": {"<name>": true}} makes the world behave as Else says.
type Assumption struct {
	Name string // kebab-case, stable: it stands in world files
	We   string // what the sandbox does by default
	Else string // what it does when switched
	Why  string // what is known, and where it is written
}

// Otherwise says whether the world file switches the assumption, so that the world behaves as its Else says.
func (w *World) Otherwise(name string) bool { return w.flipped[name] }

func assumptionNames() []string {
	names := make([]string, len(Assumptions))
	for i, a := range Assumptions {
		names[i] = a.Name
	}
	return names
}
