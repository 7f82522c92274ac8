gcloud compute ssh $(kubectl get nodes -o jsonpath='{.items[0].metadata.name}') \
  --command "cat /etc/cni/net.d/*.conf"
gcloud compute ssh node-1 --command "ls /etc/cni/net.d"
gcloud compute ssh node-1 --command "cat /etc/cni/net.d/*.conflist"
