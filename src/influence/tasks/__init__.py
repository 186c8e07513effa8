"""What is asked of the graph: labels, head, loss, output columns; one file and one line here per task."""

from influence.tasks import acceptance, leadership, partners

TASKS = {task.NAME: task for task in (acceptance, leadership, partners)}

__all__ = ["TASKS"]
