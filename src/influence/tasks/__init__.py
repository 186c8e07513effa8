"""What is asked of the graph: labels, head, loss, output columns; one file and one line here per task."""

from influence.tasks import acceptance, leadership

TASKS = {task.NAME: task for task in (acceptance, leadership)}

__all__ = ["TASKS"]
