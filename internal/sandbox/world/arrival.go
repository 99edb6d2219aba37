package world

import (
	"fmt"
	"slices"
	"time"
)

// arrival is a group or user that the identity provider has handed over, and that the identity store does not show yet
// (IAM Identity Center User Guide, "Provision users and groups from an external identity provider using SCIM"). To
// everybody who asks it is not there.
type arrival struct {
	group *Group // or
	user  *User
	in    []string // names of the groups that the user is in
	seq   uint64   // of the effect by which it arrives
}

// arrive lets a group or user be seen after a while; of what has come into being under its name meanwhile there is no second.
func (w *World) arrive(after time.Duration, a *arrival) {
	ic := w.IdentityCenter
	ic.arriving = append(ic.arriving, a)
	w.After(after, func() {
		ic.arriving = slices.DeleteFunc(ic.arriving, func(other *arrival) bool { return other == a })
		switch {
		case a.group != nil && ic.GroupNamed(a.group.Name) == nil:
			ic.AddGroup(a.group)
			for _, u := range ic.Users {
				ic.join(u, u.awaits)
			}
		case a.user != nil && ic.UserNamed(a.user.UserName) == nil:
			a.user.awaits = a.in
			ic.join(ic.AddUser(a.user), a.in)
		}
	})
	a.seq = w.seq
}

// join puts a user into those groups that can be seen; into the others it comes when they arrive.
func (ic *IdentityCenter) join(u *User, groups []string) {
	var awaits []string
	for _, name := range groups {
		if g := ic.GroupNamed(name); g != nil {
			ic.AddMember(g.ID, u.ID)
		} else {
			awaits = append(awaits, name)
		}
	}
	u.awaits = awaits
}

// arrivingGroup says whether a group of that name is on its way.
func (ic *IdentityCenter) arrivingGroup(name string) bool {
	return slices.ContainsFunc(ic.arriving, func(a *arrival) bool { return a.group != nil && a.group.Name == name })
}

// buildPeople makes the groups and the users of a world file.
func (w *World) buildPeople(f *identityInFile) error {
	ic := w.IdentityCenter
	for i, g := range f.Groups {
		if g.Name == "" || ic.GroupNamed(g.Name) != nil || ic.arrivingGroup(g.Name) {
			return fmt.Errorf("identityCenter.groups[%d].name: %q is empty or given twice", i, g.Name)
		}
		after, err := duration(fmt.Sprintf("identityCenter.groups[%d].visibleAfter", i), g.VisibleAfter, 0)
		if err != nil {
			return err
		}
		group := &Group{ID: g.ID, Name: g.Name, Description: g.Description}
		if after > 0 {
			w.arrive(after, &arrival{group: group})
		} else {
			ic.AddGroup(group)
		}
	}
	for i, u := range f.Users {
		if u.UserName == "" || ic.UserNamed(u.UserName) != nil {
			return fmt.Errorf("identityCenter.users[%d].userName: %q is empty or given twice", i, u.UserName)
		}
		after, err := duration(fmt.Sprintf("identityCenter.users[%d].visibleAfter", i), u.VisibleAfter, 0)
		if err != nil {
			return err
		}
		for j, name := range u.Groups {
			if ic.GroupNamed(name) == nil && !ic.arrivingGroup(name) {
				return fmt.Errorf("identityCenter.users[%d].groups[%d]: there is no group %q; add it to identityCenter.groups", i, j, name)
			}
		}
		user := &User{ID: u.ID, UserName: u.UserName, Email: u.Email, First: u.First, Last: u.Last, Display: u.Display}
		if user.Email == "" && templateEmail.MatchString(u.UserName) {
			user.Email = u.UserName
		}
		if after > 0 {
			w.arrive(after, &arrival{user: user, in: u.Groups})
		} else {
			ic.join(ic.AddUser(user), u.Groups)
		}
	}
	return nil
}

// peopleState is the opposite of buildPeople.
func (w *World) peopleState() (groups []groupInFile, users []userInFile) {
	ic := w.IdentityCenter
	groups, users = []groupInFile{}, []userInFile{}
	show := func(u *User, in []string, after string) {
		users = append(users, userInFile{
			UserName: u.UserName, ID: u.ID, Email: u.Email, First: u.First, Last: u.Last, Display: u.Display, Groups: in, VisibleAfter: after,
		})
	}
	for _, g := range ic.Groups {
		groups = append(groups, groupInFile{Name: g.Name, ID: g.ID, Description: g.Description})
	}
	for _, u := range ic.Users {
		var in []string
		for _, m := range ic.Memberships {
			if m.User == u.ID {
				in = append(in, ic.Group(m.Group).Name)
			}
		}
		show(u, append(in, u.awaits...), "")
	}
	for _, a := range ic.arriving {
		after := spoken(w.left(a.seq))
		if a.user != nil {
			show(a.user, slices.Clone(a.in), after)
		} else {
			groups = append(groups, groupInFile{Name: a.group.Name, ID: a.group.ID, Description: a.group.Description, VisibleAfter: after})
		}
	}
	return groups, users
}

// left is how much of the world's own time passes before an effect happens.
func (w *World) left(seq uint64) time.Duration {
	for _, e := range w.due {
		if e.seq == seq {
			return max(time.Millisecond, time.Duration(float64(e.at.Sub(w.now()))*w.speed).Round(time.Millisecond))
		}
	}
	return time.Millisecond
}
