"""What is asked of the graph: one file and one line here per task.

How a task is learnt, kept, answered and judged stands in `influence.prediction.heads`.
"""

from influence.tasks import acceptance, leadership, partners
from influence.tasks.task import Task

TASKS: dict[str, Task] = {task.NAME: task for task in (acceptance, leadership, partners)}

__all__ = ["TASKS", "Task"]
