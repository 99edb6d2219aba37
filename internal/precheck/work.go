package precheck

import "sync"

// work is a stack of tasks: what was added last is done first, so that an account is finished before another is begun.
// Tasks may add tasks.
type work struct {
	mu    sync.Mutex
	more  sync.Cond
	tasks []func()
	busy  int
}

func (w *work) add(task func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tasks = append(w.tasks, task)
	if w.more.L != nil {
		w.more.Signal()
	}
}

// run does all tasks, so many at once, and returns when the last is done.
func (w *work) run(parallel int) {
	w.mu.Lock()
	w.more.L = &w.mu
	w.mu.Unlock()
	var done sync.WaitGroup
	for range parallel {
		done.Go(func() {
			for task := w.take(); task != nil; task = w.take() {
				task()
				w.mu.Lock()
				w.busy--
				if w.busy == 0 && len(w.tasks) == 0 {
					w.more.Broadcast()
				}
				w.mu.Unlock()
			}
		})
	}
	done.Wait()
}

// take waits for a task; nil when there is none and nobody is left who could add one.
func (w *work) take() func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.tasks) == 0 {
		if w.busy == 0 {
			return nil
		}
		w.more.Wait()
	}
	last := len(w.tasks) - 1
	task := w.tasks[last]
	w.tasks[last] = nil
	w.tasks = w.tasks[:last]
	w.busy++
	return task
}
